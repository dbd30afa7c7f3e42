/** Sends the requests of a client, for tests that need no real client. */
import { randomUUID } from "node:crypto";

export type StateType = "SCHEDULED" | "PENDING" | "RUNNING" | "PAUSED" | "COMPLETED" | "FAILED" | "CRASHED" | "CANCELLED";

export interface Run {
  id: string;
  name: string;
}

export interface NewArtifact {
  key?: string;
  type?: string;
  description?: string;
  data?: unknown;
  metadata_?: Record<string, string>;
  run?: Run;
}

interface NewRun {
  flow: string;
  tags?: string[];
  parameters?: Record<string, unknown>;
  state?: StateType;
  /** When a scheduled run is due. */
  due?: Date;
  /** The task run in which it is called, if it is a subflow run. */
  parent?: Run;
  flowVersion?: string;
}

export class Client {
  constructor(
    private readonly api: string,
    private readonly key: string,
  ) {}

  async createRun({ flow, tags = [], parameters = {}, state = "PENDING", due, parent, flowVersion }: NewRun): Promise<Run> {
    const { id: flow_id } = await this.post("flows/", { name: flow });
    const state_details = { scheduled_time: due?.toISOString() };
    const references = { parent_task_run_id: parent?.id, flow_version: flowVersion };
    return this.post("flow_runs/", { flow_id, tags, parameters, state: { type: state, state_details }, ...references });
  }

  /** A run of the flow, with this name if one is given. */
  async findRun(flow: string, name?: string): Promise<Run> {
    const flow_runs = name ? { name: { any_: [name] } } : undefined;
    const [run] = await this.post("flow_runs/filter", { flows: { name: { any_: [flow] } }, flow_runs, limit: 1 });
    if (!run) throw new Error(`no run ${flow} / ${name ?? ""}`);
    return run;
  }

  async setState(run: Run, type: StateType, message = ""): Promise<void> {
    const { status } = await this.post(`flow_runs/${run.id}/set_state`, { state: { type, message }, force: false });
    if (status !== "ACCEPT") throw new Error(`${run.name} to ${type}: ${status}`);
  }

  /** Pauses the run; without a timeout it may be resumed at any time. */
  async pause({ id }: Run, timeout?: Date, name = "Paused"): Promise<void> {
    const state_details = { pause_timeout: timeout?.toISOString(), pause_reschedule: name === "Suspended" };
    const state = { type: "PAUSED", name, state_details };
    const { status } = await this.post(`flow_runs/${id}/set_state`, { state, force: false });
    if (status !== "ACCEPT") throw new Error(`${id} to ${name}: ${status}`);
  }

  /** Sets the run to Running and then to its final state. */
  async finish(run: Run, end: StateType = "COMPLETED", message = ""): Promise<void> {
    await this.setState(run, "RUNNING");
    await this.setState(run, end, message);
  }

  /** Creates a task run and sets it to Running and then to its final state. */
  async runTask(run: Run, name: string, end: StateType = "COMPLETED", message = ""): Promise<void> {
    const task = await this.createTaskRun(run, name);
    await this.setTaskState(task, "RUNNING");
    await this.setTaskState(task, end, message);
  }

  async createTaskRun(run: Run, name: string): Promise<Run> {
    const taskRun = { flow_run_id: run.id, name, task_key: name, dynamic_key: randomUUID(), state: { type: "PENDING" } };
    return this.post("task_runs/", taskRun);
  }

  async setTaskState({ id }: Run, type: StateType, message = ""): Promise<void> {
    await this.post(`task_runs/${id}/set_state`, { state: { type, message }, force: false });
  }

  async log(run: Run, message: string, level = 20, at = new Date(), task?: Run): Promise<void> {
    await this.logs(run, [message], level, at, task);
  }

  /** Sends several lines in one request, with timestamps a millisecond apart; of the flow run itself or of a task run. */
  async logs(run: Run, messages: string[], level = 20, at = new Date(), task?: Run): Promise<void> {
    const lines = messages.map((message, index) => {
      const timestamp = new Date(at.getTime() + index).toISOString();
      return { flow_run_id: run.id, task_run_id: task?.id, name: "prefect.flow_runs", level, message, timestamp };
    });
    await this.post("logs/", lines);
  }

  async createVariable(name: string, value: unknown, tags: string[] = []): Promise<{ id: string }> {
    return this.post("variables/", { name, value, tags });
  }

  async updateVariable(name: string, changes: Record<string, unknown>): Promise<void> {
    await this.send("PATCH", `variables/name/${name}`, changes);
  }

  async deleteVariable(name: string): Promise<void> {
    await this.send("DELETE", `variables/name/${name}`);
  }

  /** Creates an artifact and returns its id. */
  async createArtifact(artifact: NewArtifact): Promise<string> {
    const { run, ...body } = artifact;
    const { id } = await this.post("artifacts/", { ...body, flow_run_id: run?.id });
    return id;
  }

  async updateArtifact(id: string, change: Pick<NewArtifact, "data" | "description">): Promise<void> {
    await this.send("PATCH", `artifacts/${id}`, change);
  }

  async deleteArtifact(id: string): Promise<void> {
    await this.send("DELETE", `artifacts/${id}`);
  }

  private async post(path: string, body: unknown): Promise<any> {
    return this.send("POST", path, body);
  }

  private async send(method: string, path: string, body?: unknown): Promise<any> {
    const response = await fetch(`${this.api}/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }
}
