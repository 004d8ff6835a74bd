// A WHMCS with its web front and a router, started for the tests of one file and stopped by pid.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const WHMCS = `${ROOT}/tests/whmcs/whmcs`;
const ROUTER_LOGIN = { user: 'whmcs', password: 'router-secret' };

const environment = { ...process.env, WHMCS_PHP_ARGS: `-dextension=${process.env.MIKROTIKVPN_SO}` };
const run = promisify(execFile);

/** Runs the stand-in's command line; gives its answer, or throws with its sentence. */
export async function whmcs(...words) {
  const { stdout } = await run(WHMCS, words.map(String), { env: environment, maxBuffer: 1 << 24 });
  return JSON.parse(stdout);
}

export const sql = (statement) => whmcs('sql', statement);

/** As if no page had asked the router for so long: it may be asked again. */
export const later = (seconds = 5) =>
  Promise.all([['live', 'asked_at'], ['live', 'looked_at'], ['pace', 'asked_at'], ['pace', 'failed_at']].map(([table, column]) =>
    sql(`UPDATE mod_mikrotikvpn_${table} SET ${column} = ${column} - INTERVAL ${seconds} SECOND`)));

/** What a child prints when it is ready: one JSON document, on one line or several. */
async function announcement(child) {
  let text = '';
  for await (const line of createInterface({ input: child.stdout })) {
    text += line;
    try {
      return JSON.parse(text);
    } catch {
      // More lines follow.
    }
  }
  throw new Error(`${child.spawnfile} ended, having said: ${text}`);
}

class Router {
  constructor(child, { control, rest }) {
    this.child = child;
    this.control = control;
    this.port = rest.split(':').pop();
  }

  static async start() {
    const login = `${ROUTER_LOGIN.user}:${ROUTER_LOGIN.password}`;
    const listen = ['--rest', '127.0.0.1:0', '--control', '127.0.0.1:0'];
    const options = [...listen, '--user', login, '--virtual-clock', '--parent-stdin'];
    const child = spawn(process.env.ROUTER_SIM, options, { stdio: ['pipe', 'pipe', 'inherit'] });
    return new Router(child, await announcement(child));
  }

  async request(method, path, body) {
    const answer = await fetch(`http://${this.control}${path}`, { method, body: body && JSON.stringify(body) });
    const value = await answer.json();
    if (value.error) {
      throw new Error(`${method} ${path}: ${value.error}`);
    }
    return value;
  }

  post(path, body = {}) {
    return this.request('POST', path, body);
  }

  exec(path, commandArguments) {
    return this.post('/exec', { path, arguments: commandArguments });
  }

  /** Rows of a menu with that name. */
  async rows(menu, name) {
    return (await this.request('GET', '/state'))[menu].filter((row) => row.name === name);
  }
}

export class World {
  async start() {
    // However this process ends, what it started ends with it.
    process.once('exit', () => this.stop());
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.once(signal, () => process.exit(1));
    }
    await whmcs('--modules', `${ROOT}/modules/servers`, 'up');
    await whmcs('reset');
    this.router = await Router.start();
    this.web = spawn(WHMCS, ['serve'], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    this.url = (await announcement(this.web)).url;
  }

  stop() {
    this.stop = () => {};
    this.web?.kill('SIGTERM');
    this.router?.child.kill('SIGKILL');
    spawnSync(WHMCS, ['down'], { env: environment });
  }

  async addServer() {
    const login = ['--username', ROUTER_LOGIN.user, '--password', ROUTER_LOGIN.password];
    const address = ['--ip', '127.0.0.1', '--port', this.router.port, '--assigned-ips', '10.7.0.2-10.7.0.254'];
    return (await whmcs('server', 'add', '--module', 'mikrotikvpn', ...address, ...login)).server;
  }

  /** `options` are module settings by position. */
  async addProduct(options) {
    const settings = Object.entries(options).map(([position, value]) => `${position}=${value}`);
    return (await whmcs('product', 'add', '--name', 'VPN', '--module', 'mikrotikvpn', '--option', ...settings)).product;
  }

  async addClient(email, password) {
    return (await whmcs('client', 'add', '--email', email, '--password', password)).client;
  }

  /** A service whose account is on the router. */
  async addService(client, product, more = []) {
    const { service } = await whmcs('service', 'add', '--client', client, '--product', product, ...more);
    await whmcs('run', 'CreateAccount', '--service', service);
    return whmcs('service', 'show', service);
  }
}
