// lib_app.mjs - an app of a few lines on the sandbox's Socket Mode, for tests of forms that our bot does not have.
import { createRequire } from 'node:module';

const { WebSocket } = createRequire(import.meta.url)('ws');

// answer(payload, app) gives the acknowledgement's payload, or nothing.
export class App {
  constructor(world, answer) {
    Object.assign(this, { world, answer, seen: [] });
  }

  async call(method, body, token = 'xoxb-sandbox') {
    const reply = await fetch(`${this.world.url}/api/${method}`, {
      method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body),
    });
    const answer = await reply.json();
    if (!answer.ok) throw new Error(`${method}: ${JSON.stringify(answer)}`);
    return answer;
  }

  async start() {
    const { url } = await this.call('apps.connections.open', {}, 'xapp-sandbox');
    this.socket = new WebSocket(url);
    await new Promise((done, failed) => {
      this.socket.on('error', failed);
      this.socket.on('message', (data) => {
        const envelope = JSON.parse(data);
        if (envelope.type === 'hello') done();
        else if (envelope.envelope_id) this.got(envelope);
      });
    });
    return this;
  }

  async got({ envelope_id, payload }) {
    this.seen.push(payload);
    const answer = await this.answer(payload, this);
    this.socket.send(JSON.stringify({ envelope_id, ...(answer ? { payload: answer } : {}) }));
  }

  stop() {
    this.socket?.terminate();
  }
}
