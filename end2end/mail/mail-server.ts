/** A mail server on loopback that keeps what it receives, and that can be away for a while. */
import { EventEmitter, once } from "node:events";
import type { AddressInfo } from "node:net";
import { addAbortSignal, type Readable } from "node:stream";
import PostalMime from "postal-mime";
import { SMTPServer, type SMTPServerSession } from "smtp-server";

/** Longer than the server's first pauses between two attempts. */
const LIMIT = 90_000;
const MAX_MAIL_MS = 10_000;

export interface Mail {
  to: string;
  from: string;
  subject: string;
  text: string;
  html: string;
}

export class MailServer {
  readonly mails: Mail[] = [];
  private readonly arrivals = new EventEmitter();
  private readonly taken = new Set<Mail>();
  private server?: SMTPServer;
  private port = 0;

  static async start(): Promise<MailServer> {
    const server = new MailServer();
    await server.launch();
    return server;
  }

  /** The settings of Provost for this mail server. */
  get settings(): Record<string, string> {
    return { smtp_host: "127.0.0.1", smtp_port: String(this.port), smtp_security: "none" };
  }

  /** Listens; after `stop` on the same port. */
  async launch(): Promise<void> {
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["AUTH", "STARTTLS"],
      disableReverseLookup: true,
      closeTimeout: 1,
      onData: (stream, session, callback) => {
        this.receive(addAbortSignal(AbortSignal.timeout(MAX_MAIL_MS), stream), session).then(() => callback(), callback);
      },
    });
    const listener = this.server.listen(this.port, "127.0.0.1");
    await once(listener, "listening");
    this.port = (listener.address() as AddressInfo).port;
  }

  /** Closes all connections and accepts no new ones. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server) await new Promise<void>((resolve) => server.close(resolve));
  }

  /** All mails to the address. */
  to(address: string): Mail[] {
    return this.mails.filter(({ to }) => to === address);
  }

  /** Waits for a mail to the address with this subject that no call has returned before. */
  async next(address: string, subject: RegExp): Promise<Mail> {
    const signal = AbortSignal.timeout(LIMIT);
    for (;;) {
      const mail = this.to(address).find((mail) => subject.test(mail.subject) && !this.taken.has(mail));
      if (mail) {
        this.taken.add(mail);
        return mail;
      }
      await once(this.arrivals, "mail", { signal }).catch(() => {
        const subjects = this.to(address).map(({ subject }) => subject);
        throw new Error(`no mail ${subject} to ${address}; there are ${JSON.stringify(subjects)}`);
      });
    }
  }

  private async receive(stream: Readable, { envelope }: SMTPServerSession): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const { subject = "", text = "", html = "", from } = await PostalMime.parse(Buffer.concat(chunks));
    for (const { address } of envelope.rcptTo) {
      this.mails.push({ to: address, from: from?.address ?? "", subject, text: text.replaceAll("\r\n", "\n"), html });
    }
    this.arrivals.emit("mail");
  }
}

/** The path of the only link in the mail; its text and its HTML have the same. */
export function linkOf({ text, html }: Mail): string {
  const [link, ...others] = text.match(/^https?:\/\/\S+$/gm) ?? [];
  if (!link || others.length > 0) throw new Error(`not one link in ${text}`);
  if (!html.replaceAll("&amp;", "&").includes(`href="${link}"`)) throw new Error(`no ${link} in ${html}`);
  const { pathname, search } = new URL(link);
  return pathname + search;
}
