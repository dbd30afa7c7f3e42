/** What a client does to a workspace, by the calls that it makes; where no real client is needed. */
import { randomUUID } from "node:crypto";

export type StateType = "SCHEDULED" | "PENDING" | "RUNNING" | "COMPLETED" | "FAILED" | "CRASHED" | "CANCELLED";

export interface Run {
  id: string;
  name: string;
}

interface NewRun {
  flow: string;
  tags?: string[];
  parameters?: Record<string, unknown>;
  state?: StateType;
}

export class Client {
  constructor(
    private readonly api: string,
    private readonly key: string,
  ) {}

  async run({ flow, tags = [], parameters = {}, state = "PENDING" }: NewRun): Promise<Run> {
    const { id: flow_id } = await this.post("flows/", { name: flow });
    return this.post("flow_runs/", { flow_id, tags, parameters, state: { type: state } });
  }

  async state(run: Run, type: StateType, message = ""): Promise<void> {
    const { status } = await this.post(`flow_runs/${run.id}/set_state`, { state: { type, message }, force: false });
    if (status !== "ACCEPT") throw new Error(`${run.name} to ${type}: ${status}`);
  }

  /** The states that a run goes through, up to its end. */
  async finish(run: Run, end: StateType = "COMPLETED", message = ""): Promise<void> {
    await this.state(run, "RUNNING");
    await this.state(run, end, message);
  }

  /** A task run that goes all the way to its end. */
  async task(run: Run, name: string, end: StateType = "COMPLETED", message = ""): Promise<void> {
    const task = await this.waitingTask(run, name);
    await this.taskState(task, "RUNNING");
    await this.taskState(task, end, message);
  }

  async waitingTask(run: Run, name: string): Promise<Run> {
    const made = { flow_run_id: run.id, name, task_key: name, dynamic_key: randomUUID(), state: { type: "PENDING" } };
    return this.post("task_runs/", made);
  }

  async taskState({ id }: Run, type: StateType, message = ""): Promise<void> {
    await this.post(`task_runs/${id}/set_state`, { state: { type, message }, force: false });
  }

  async log(run: Run, message: string, level = 20, at = new Date()): Promise<void> {
    await this.logs(run, [message], level, at);
  }

  /** Several lines at once, a millisecond apart. */
  async logs(run: Run, messages: string[], level = 20, at = new Date()): Promise<void> {
    const lines = messages.map((message, place) => {
      const timestamp = new Date(at.getTime() + place).toISOString();
      return { flow_run_id: run.id, name: "prefect.flow_runs", level, message, timestamp };
    });
    await this.post("logs/", lines);
  }

  private async post(path: string, body: unknown): Promise<any> {
    const answer = await fetch(`${this.api}/${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }
}
