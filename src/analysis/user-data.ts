/**
 * What user data sets on a container instance: the settings of the ECS agent, Docker's own network, and rules against instance metadata.
 *
 * It is read as text, not run: an assignment counts wherever it stands. What is not literal is `…`; where that, or something fetched from
 * elsewhere, could be a setting, then what the text lacks is unknown rather than absent.
 */
import type { Reference, Undecided } from './resources';
import { known, unknown, Unknown, Value, Verdict } from './value';

/** Text of which some parts are known only at deployment. */
export type Parts = ReadonlyArray<string | Reference | Undecided>;

export interface UserData {
  /** The text, with `…` for what is not known in it. */
  readonly text: string;
  /** What kind of instance it is written for, where it tells. */
  readonly operatingSystem?: 'linux' | 'windows' | 'bottlerocket';
  /** What the agent's cluster is set to, in parts. Absent: nothing in the text sets it. */
  readonly cluster?: Parts;
  /** A setting of the agent by its name, `ECS_…`; `undefined` where it is surely not set. */
  agentSetting(name: string): Value<string> | undefined;
  /** The address of Docker's bridge, `bip`, such as 172.17.0.1/16; `undefined` where it is surely not set. */
  readonly dockerBip: Value<string> | undefined;
  /** The blocks that Docker takes for networks, `default-address-pools`; `undefined` where they are surely not set. */
  readonly dockerAddressPools: Value<readonly string[]> | undefined;
  /** Whether packets of bridged containers to 169.254.169.254 are dropped in the chain `DOCKER-USER`. */
  readonly dropsMetadataRequests: Verdict;
  /** Whether the instance asks for ENI trunking itself. */
  readonly callsForTrunking: boolean;
}

/** Stand for parts that are not literal; neither occurs in text that CloudFormation takes. */
const OPEN = '\uE000';
const CLOSE = '\uE001';
const PLACEHOLDER = new RegExp(`${OPEN}(\\d+)${CLOSE}`, 'g');

/** Those of the agent's settings that other systems give under other names. */
const BOTTLEROCKET_SETTINGS: Record<string, string> = {
  'cluster': 'ECS_CLUSTER',
  'awsvpc-block-imds': 'ECS_AWSVPC_BLOCK_IMDS',
  'reserved-memory': 'ECS_RESERVED_MEMORY',
};

/** Switches and options of `Initialize-ECSAgent`, https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bootstrap_windows_container_instance.html. */
const WINDOWS_OPTIONS: readonly (readonly [option: RegExp, name: string])[] = [
  [/\bInitialize-ECSAgent\b.*\s-Cluster\s+(\S+)/i, 'ECS_CLUSTER'],
  [/\bInitialize-ECSAgent\b.*\s(-AwsvpcBlockIMDS)\b/i, 'ECS_AWSVPC_BLOCK_IMDS'],
  [/\bInitialize-ECSAgent\b.*\s(-EnableTaskENI)\b/i, 'ECS_ENABLE_TASK_ENI'],
];

/** Ways in which settings come from where they cannot be read. */
const FETCHED: readonly RegExp[] = [
  /\b(?:cp|mv|curl|wget|scp|rsync|gsutil)\b[^\n]*\/etc\/ecs\b/,
  /\|\s*(?:sudo\s+)?(?:ba)?sh\b/,
  /\b(?:ba)?sh\s+(?:-c\s+["']?\$\(\s*(?:curl|wget)|<\()/,
  /^\s*(?:source|\.)\s+\S/m,
];

/** The text of user data of which nothing is known. */
export const UNKNOWN_TEXT = '…';

/** What cannot be told from a text: that of user data which is itself not known. */
export function unknownUserData(why: string): UserData {
  const missing = unknown(why);
  return {
    text: UNKNOWN_TEXT,
    agentSetting: () => missing,
    dockerBip: missing,
    dockerAddressPools: missing,
    dropsMetadataRequests: missing,
    callsForTrunking: false,
  };
}

/** Reads user data; none at all is a text without parts. */
export function readUserData(parts: Parts): UserData {
  const marked = parts.map((part, index) => typeof part === 'string' ? decoded(part) : `${OPEN}${index}${CLOSE}`).join('');
  const text = withoutComments(marked.replace(/\r\n?/g, '\n').replace(/\\\n\s*/g, ' '));
  const missing = whatCouldBeASetting(text, parts);
  const settings = agentSettings(text);
  const valueOf = (raw: string): Value<string> => valueWith(raw, parts);
  const daemonMissing = missing ?? (/\b(?:cp|mv|curl|wget)\b[^\n]*daemon\.json/.test(text) ? unknown('daemon.json comes from elsewhere') : undefined);
  const bip = /["']?\bbip["']?\s*[:=]\s*["']([^"']+)["']/.exec(text)?.[1] ?? /--bip[=\s]+["']?([^\s"']+)/.exec(text)?.[1];
  const pools = /["']?\bdefault-address-pools["']?\s*:\s*\[([^\]]*)\]/.exec(text)?.[1];
  const cluster = settings.get('ECS_CLUSTER');
  return {
    text: shown(text),
    ...operatingSystemOf(text),
    ...cluster === undefined ? {} : { cluster: partsOf(cluster, parts) },
    agentSetting: (name) => {
      const raw = settings.get(name);
      return raw === undefined ? missing : valueOf(raw);
    },
    dockerBip: bip === undefined ? daemonMissing : valueOf(bip),
    dockerAddressPools: pools === undefined ? daemonMissing : poolsIn(pools, valueOf),
    dropsMetadataRequests: dropsMetadata(text) ? 'yes' : missing ?? 'no',
    callsForTrunking: /put-account-setting[^\n]*awsvpcTrunking/.test(text),
  };
}

function dropsMetadata(text: string): boolean {
  return text.split('\n').some((line) => /iptables/.test(line) && /DOCKER-USER/.test(line) && /169\.254\.169\.254/.test(line)
    && /(?:-j|--jump)[=\s]+(?:DROP|REJECT)\b/.test(line));
}

function poolsIn(text: string, valueOf: (raw: string) => Value<string>): Value<readonly string[]> {
  const bases = [...text.matchAll(/["']base["']\s*:\s*["']([^"']+)["']/g)].map(([, base]) => valueOf(base));
  const open = bases.find((base): base is Unknown => !base.known);
  return open ?? known(bases.flatMap((base) => base.known ? [base.value] : []));
}

function operatingSystemOf(text: string): Pick<UserData, 'operatingSystem'> {
  if (/<powershell>|<script>/i.test(text)) {
    return { operatingSystem: 'windows' };
  }
  if (/^\s*\[settings[.\]]/m.test(text)) {
    return { operatingSystem: 'bottlerocket' };
  }
  return /^\s*#!|^#cloud-config|^(?:MIME-Version|Content-Type):|\/etc\/ecs\//m.test(text) ? { operatingSystem: 'linux' } : {};
}

/** The raw values of the agent's settings, the last of each: that is the one an environment file leaves. */
function agentSettings(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  const variables = new Map<string, string>();
  let table = '';
  for (const line of text.replace(/\\n(?=ECS_|["'])/g, '\n').split('\n')) {
    table = /^\s*\[([^\]]+)\]\s*$/.exec(line)?.[1].trim() ?? table;
    const toml = table === 'settings.ecs' ? /^\s*"?([a-z-]+)"?\s*=\s*(.*?)\s*$/.exec(line) : undefined;
    if (toml) {
      settings.set(BOTTLEROCKET_SETTINGS[toml[1]] ?? toml[1], unquoted(toml[2]));
      continue;
    }
    const variable = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)$/.exec(line);
    for (const match of line.matchAll(/(?<![\w$])(ECS_[A-Z0-9_]+)=/g)) {
      settings.set(match[1], substituted(shellValue(line, match.index, match[0].length), variables));
    }
    if (variable) {
      variables.set(variable[1], shellValue(line, line.indexOf(variable[1]), variable[1].length + 1));
    }
    for (const [, name, value] of line.matchAll(/(?:SetEnvironmentVariable\(\s*|\$env:)["']?(ECS_\w+)["']?\s*[,=]\s*["']?([^"',)]*)/gi)) {
      settings.set(name, value.trim());
    }
    for (const [option, name] of WINDOWS_OPTIONS) {
      const found = option.exec(line)?.[1];
      if (found !== undefined) {
        settings.set(name, found.startsWith('-') ? 'true' : unquoted(found));
      }
    }
  }
  return settings;
}

/** What a shell or an environment file takes for the value of an assignment that begins at `start`, its `NAME=` being `length` long. */
function shellValue(line: string, start: number, length: number): string {
  const rest = line.slice(start + length);
  const before = line[start - 1];
  if (before === '"' || before === "'") {
    return unescaped(upTo(rest, before));
  }
  const quote = rest[0];
  if (quote === '"' || quote === "'") {
    return unescaped(upTo(rest.slice(1), quote));
  }
  const value = rest.replace(/\s*(?:>>?|\||&&|;).*$/, '').trim();
  // A quote that opened before an earlier line of the same text.
  const closes = /["']$/.test(value) && value.split(value.slice(-1)).length % 2 === 0;
  return unescaped(closes ? value.slice(0, -1) : value);
}

function upTo(text: string, quote: string): string {
  const end = new RegExp(`(?<!\\\\)${quote}`).exec(text);
  return end ? text.slice(0, end.index) : text;
}

function unescaped(text: string): string {
  return text.replace(/\\(["'$[\]])/g, '$1');
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1.*$/, '$2');
}

/** A value that is just a shell variable has what was assigned to that. */
function substituted(value: string, variables: ReadonlyMap<string, string>): string {
  const name = /^\$\{?([A-Za-z_]\w*)\}?$/.exec(value)?.[1];
  return (name === undefined ? undefined : variables.get(name)) ?? value;
}

function valueWith(raw: string, parts: Parts): Value<string> {
  const open = [...raw.matchAll(PLACEHOLDER)].map(([, index]) => parts[Number(index)]);
  if (open.length > 0) {
    const first = open[0] as Reference | Undecided;
    return unknown(first.kind === 'undecided' ? first.why : `${first.resource.logicalId} is known only at deployment`, raw === placed(raw) ? first.identity : undefined);
  }
  return /\$[{(A-Za-z_]|`/.test(raw) ? unknown('the instance works it out itself') : known(raw);
}

/** The text if it is one placeholder and nothing else. */
function placed(raw: string): string | undefined {
  return new RegExp(`^${PLACEHOLDER.source}$`).exec(raw)?.[0];
}

function partsOf(raw: string, parts: Parts): Parts {
  return raw.split(new RegExp(`(${OPEN}\\d+${CLOSE})`)).filter((piece) => piece !== '')
    .map((piece) => piece.startsWith(OPEN) ? parts[Number(piece.slice(1, -1))] : piece);
}

/**
 * Why something of the text could be a setting though it does not look like one. Not so: ids of resources, pseudo parameters, and what
 * stands where only a word can: behind `NAME=`, behind an option, in a path.
 */
function whatCouldBeASetting(text: string, parts: Parts): Unknown | undefined {
  for (const match of text.matchAll(PLACEHOLDER)) {
    const part = parts[Number(match[1])];
    if (typeof part === 'string' || part.kind === 'reference' || /\bAWS::[A-Z]\w+\b/.test(part.identity)) {
      continue;
    }
    const before = text.slice(text.lastIndexOf('\n', match.index) + 1, match.index);
    if (!/[\w.-]\s*[=:]\s*["']?[^\s"']*$|(?:^|\s)--?[\w-]+\s+["']?[^\s"']*$|[/@:][^\s"']*$/.test(before)) {
      return unknown(`user data is not all literal: ${part.why}`);
    }
  }
  return FETCHED.some((fetched) => fetched.test(text)) ? unknown('user data takes settings from elsewhere') : undefined;
}

/** Text without lines that are comments; `#!` and `#cloud-config` are none. */
function withoutComments(text: string): string {
  return text.split('\n').filter((line) => !/^\s*#(?!!|cloud-config)/.test(line)).join('\n');
}

function shown(text: string): string {
  return text.replace(PLACEHOLDER, UNKNOWN_TEXT);
}

/** Text that is base64 as a whole, as some templates give it, decoded. */
function decoded(text: string): string {
  const compact = text.replace(/\s/g, '');
  if (compact.length < 16 || compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) {
    return text;
  }
  const bytes = Buffer.from(compact, 'base64').toString('utf8');
  return /^[\t\n\r -~\u00A0-\uFFEF]*$/.test(bytes) && !bytes.includes('\uFFFD') ? bytes : text;
}
