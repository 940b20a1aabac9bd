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

/** Equal for equal texts. */
export function canonical(parts: Parts): string {
  return parts.map((part) => typeof part === 'string' ? JSON.stringify(part) : part.identity).join(' ');
}

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
  [/\s-Cluster(?=\s+(\S+))/gi, 'ECS_CLUSTER'],
  [/\s(-AwsvpcBlockIMDS)\b/gi, 'ECS_AWSVPC_BLOCK_IMDS'],
  [/\s(-EnableTaskENI)\b/gi, 'ECS_ENABLE_TASK_ENI'],
];

/**
 * Two things of which one stands behind the other in a line. They are looked for one after the other: a pattern of both goes through the
 * rest of the line for each thing that may be the first, which of a long line is hours.
 */
type InALine = readonly [first: RegExp, behind: RegExp];

/** Ways in which settings come from where they cannot be read. */
const FETCHED_FILE: InALine = [/\b(?:cp|mv|curl|wget|scp|rsync|gsutil)\b/, /\/etc\/ecs\b/];
// No `^\s*`, which goes on over the ends of lines, and so through all blank lines from each of them.
const FETCHED: readonly RegExp[] = [
  /\|\s*(?:sudo\s+)?(?:ba)?sh\b/,
  /\b(?:ba)?sh\s+(?:-c\s+["']?\$\(\s*(?:curl|wget)|<\()/,
  /^[ \t]*(?:source|\.)\s+\S/m,
];

const FETCHED_DAEMON_JSON: InALine = [/\b(?:cp|mv|curl|wget)\b/, /daemon\.json/];
const TRUNKING_CALL: InALine = [/put-account-setting/, /awsvpcTrunking/];

/** EC2 takes no more of user data, in bytes: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html. */
const MAX_USER_DATA = 16_384;

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

/** What a text says, whatever it is that stands for what is not literal in it. */
interface SaidInText extends Pick<UserData, 'text' | 'operatingSystem' | 'callsForTrunking'> {
  /** With what stands for the parts that are not literal. */
  readonly marked: string;
  readonly settings: ReadonlyMap<string, string>;
  readonly bip?: string;
  readonly pools?: string;
  readonly dropsMetadata: boolean;
  /** Whether settings come from where they cannot be read, and Docker's. */
  readonly fetches: boolean;
  readonly fetchesDaemonJson: boolean;
}

/** Texts that were read: most instances of an app have the same, but for the name of the cluster. */
export type TextsRead = Map<string, SaidInText>;

/** Reads user data; none at all is a text without parts. */
export function readUserData(parts: Parts, read: TextsRead = new Map()): UserData {
  const raw = parts.map((part, index) => typeof part === 'string' ? decoded(part) : `${OPEN}${index}${CLOSE}`).join('');
  const said = read.get(raw) ?? saidIn(raw);
  read.set(raw, said);
  const { text, operatingSystem, settings, bip, pools, fetchesDaemonJson, callsForTrunking } = said;
  const missing = whatCouldBeASetting(said, parts);
  const valueOf = (value: string): Value<string> => valueWith(value, parts);
  const daemonMissing = missing ?? (fetchesDaemonJson ? unknown('daemon.json comes from elsewhere') : undefined);
  const cluster = settings.get('ECS_CLUSTER');
  return {
    text,
    ...operatingSystem && { operatingSystem },
    ...cluster === undefined ? {} : { cluster: partsOf(cluster, parts) },
    agentSetting: (name) => {
      const value = settings.get(name);
      return value === undefined ? missing : valueOf(value);
    },
    dockerBip: bip === undefined ? daemonMissing : valueOf(bip),
    dockerAddressPools: pools === undefined ? daemonMissing : poolsIn(pools, valueOf),
    dropsMetadataRequests: said.dropsMetadata ? 'yes' : missing ?? 'no',
    callsForTrunking,
  };
}

function saidIn(raw: string): SaidInText {
  const text = withoutComments(inWholeLines(raw.replace(/\r\n?/g, '\n')));
  const bip = /["']?\bbip["']?\s*[:=]\s*["']([^"']+)["']/.exec(text)?.[1] ?? /--bip[=\s]+["']?([^\s"']+)/.exec(text)?.[1];
  // Where the first list does not end none does: it need not be looked for once more behind each.
  const [, pools, end] = /\bdefault-address-pools["']?\s*:\s*\[([^\]]*)(\]?)/.exec(text) ?? [];
  return {
    text: text.replace(PLACEHOLDER, UNKNOWN_TEXT),
    marked: text,
    operatingSystem: operatingSystemOf(text),
    settings: agentSettings(text),
    bip,
    pools: end ? pools : undefined,
    dropsMetadata: dropsMetadata(text),
    fetches: isIn(text, FETCHED_FILE) || FETCHED.some((fetched) => fetched.test(text)),
    fetchesDaemonJson: isIn(text, FETCHED_DAEMON_JSON),
    callsForTrunking: isIn(text, TRUNKING_CALL),
  };
}

function isIn(text: string, [first, behind]: InALine): boolean {
  return text.split('\n').some((line) => {
    const at = line.search(first);
    return at >= 0 && behind.test(line.slice(at));
  });
}

/** Lines that go on as one: a shell's end in a backslash, those of PowerShell in a backquote, with which a shell's own ends a command. */
function inWholeLines(text: string): string {
  return text.replace(/<powershell>/i.test(text) ? /`\n\s*/g : /\\\n\s*/g, ' ');
}

/** What the agent takes for true: Go's strconv.ParseBool, with blanks left out; v1.105.0, agent/config/parse.go. */
const TRUE_OF_AGENT: readonly string[] = ['1', 't', 'T', 'true', 'TRUE', 'True'];

/** Whether a value turns on a setting of the agent that is off by default; one that the agent cannot read leaves it so. */
export function isOnByAgent(value: string): boolean {
  return TRUE_OF_AGENT.includes(value.trim());
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

function operatingSystemOf(text: string): UserData['operatingSystem'] {
  if (/<powershell>|<script>/i.test(text)) {
    return 'windows';
  }
  if (/^[ \t]*\[settings[.\]]/m.test(text)) {
    return 'bottlerocket';
  }
  return /^[ \t]*#!|^#cloud-config|^(?:MIME-Version|Content-Type):|\/etc\/ecs\//m.test(text) ? 'linux' : undefined;
}

/** The raw values of the agent's settings, the last of each: that is the one an environment file leaves. */
function agentSettings(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  const variables = new Map<string, string>();
  let table = '';
  for (const line of text.replace(/\\n(?=ECS_|["'])/g, '\n').split('\n')) {
    table = /^\s*\[([^\]]+)\]\s*$/.exec(line)?.[1].trim() ?? table;
    const toml = table === 'settings.ecs' ? /^\s*"?([a-z-]+)"?\s*=(.*)$/.exec(line) : undefined;
    if (toml) {
      settings.set(BOTTLEROCKET_SETTINGS[toml[1]] ?? toml[1], unquoted(toml[2].trim()));
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
    windowsOptions(line).forEach((value, name) => settings.set(name, value));
  }
  return settings;
}

/** Of several the last, as of assignments. */
function windowsOptions(line: string): ReadonlyMap<string, string> {
  const at = line.search(/\bInitialize-ECSAgent\b/i);
  const options = at < 0 ? [] : WINDOWS_OPTIONS.map(([option, name]) => [name, [...line.slice(at).matchAll(option)].at(-1)?.[1]] as const);
  return new Map(options.flatMap(([name, found]) => found === undefined ? [] : [[name, found.startsWith('-') ? 'true' : unquoted(found)] as const]));
}

/** What a shell or an environment file takes for the value of an assignment that begins at `start`, its `NAME=` being `length` long. */
function shellValue(line: string, start: number, length: number): string {
  // A line may hold as many assignments as it likes, and each would take the rest of it for its value.
  const rest = line.slice(start + length, start + length + MAX_USER_DATA);
  const before = line[start - 1];
  if (before === '"' || before === "'") {
    return unescaped(upTo(rest, before));
  }
  const quote = rest[0];
  if (quote === '"' || quote === "'") {
    return unescaped(upTo(rest.slice(1), quote));
  }
  const [command] = rest.split(/[>|;]|&&/, 1);
  const value = command.trim();
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
 * What stands before the place of a word: `NAME=`, an option, or the beginning of a path, and what there is of the word. It is read
 * backwards from the place: read forwards it would be tried from everything before that.
 */
const BEFORE_A_WORD = /(?<=[\w.-][^\S\n]*[=:][^\S\n]*["']?[^\s"']*|(?:^|[^\S\n])--?[\w-]+[^\S\n]+["']?[^\s"']*|[/@:][^\s"']*)/my;

/**
 * Why something of the text could be a setting though it does not look like one. Not so: ids of resources, pseudo parameters, and what
 * stands where only a word can: behind `NAME=`, behind an option, in a path.
 */
function whatCouldBeASetting({ marked: text, fetches }: SaidInText, parts: Parts): Unknown | undefined {
  let inWord: number | undefined;
  for (const match of text.matchAll(PLACEHOLDER)) {
    const part = parts[Number(match[1])];
    if (typeof part === 'string' || part.kind === 'reference' || /\bAWS::[A-Z]\w+\b/.test(part.identity)) {
      continue;
    }
    BEFORE_A_WORD.lastIndex = match.index;
    const goesOn = inWord !== undefined && !/[\s"']/.test(text.slice(inWord, match.index));
    if (!goesOn && !BEFORE_A_WORD.test(text)) {
      return unknown(`user data is not all literal: ${part.why}`);
    }
    inWord = match.index;
  }
  return fetches ? unknown('user data takes settings from elsewhere') : undefined;
}

/** Text without lines that are comments; `#!` and `#cloud-config` are none. */
function withoutComments(text: string): string {
  return text.split('\n').filter((line) => !/^\s*#(?!!|cloud-config)/.test(line)).join('\n');
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
