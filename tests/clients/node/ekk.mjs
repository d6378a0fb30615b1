// A stack of ekk for tests of Node.js: `const ekk = await start()`, `await ekk.reset()`, `await ekk.stop()`.
//
// It starts the command in EKK_COMMAND, `ekk` unless set, in memory and on free ports. Nothing but Node.js is needed.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";

export async function start() {
  const folder = await mkdtemp(join(tmpdir(), "ekk-"));
  const ready = join(folder, "ready.json");
  const listen = ["aws", "opensearch", "s3", "dashboards"].flatMap((part) => [`--listen-${part}`, "127.0.0.1:0"]);
  const child = spawn(process.env.EKK_COMMAND ?? "ekk", ["up", "--ephemeral", "--ready-file", ready, ...listen], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  let failure;
  child.once("error", (error) => (failure = error));
  for (let tries = 0; tries < 3000; tries += 1) {
    if (failure) throw failure;
    if (child.exitCode !== null) throw new Error(`ekk ended with ${child.exitCode} before it was ready`);
    try {
      return new Ekk(JSON.parse(await readFile(ready, "utf8")), async () => {
        child.kill();
        await ended;
        await rm(folder, { recursive: true, force: true });
      });
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
      await later(10);
    }
  }
  child.kill();
  throw new Error("ekk did not become ready within 30 seconds");
}

export class Ekk {
  constructor(addresses, stop) {
    this.endpoint = addresses.aws;
    this.opensearch = addresses.opensearch;
    this.stop = stop;
  }

  /** For any client of the AWS SDK. */
  get clientOptions() {
    return {
      endpoint: this.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    };
  }

  /** A request of the control API; /_ekk/openapi.json describes all of them. */
  async control(method, path, { body, query } = {}) {
    const url = new URL(`${this.endpoint}/_ekk/${path}`);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    const response = await fetch(url, { method, body: body && JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${url.pathname}: ${answer.error}`);
    return answer;
  }

  reset() {
    return this.control("POST", "reset");
  }

  freeze(at) {
    return this.control("POST", "clock", { body: { freeze: true, ...(at && { set: at }) } });
  }

  advance(by) {
    return this.control("POST", "clock", { body: { advance: by } });
  }

  fault(rule) {
    return this.control("POST", "faults", { body: rule });
  }

  wait(query = {}) {
    return this.control("POST", "wait", { query });
  }

  async search(index) {
    const response = await fetch(`${this.opensearch}/${index}/_search?size=1000`);
    return (await response.json()).hits.hits.map((hit) => hit._source);
  }
}
