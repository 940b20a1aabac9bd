/** Who turns ENI trunking on, and for whose instances. */
import { instanceLimits } from '../../limits/instance-limits';
import type { HostGroup, Named, To, Trunking, TrunkingSetting } from '../facts';
import { same } from '../facts';
import { Evaluated, Reference, Resource, Undecided, World } from '../resources';
import { known, unknown, Value } from '../value';
import { Joins, nameOf, Reading } from './joins';
import { metadataAt, shownText } from './properties';

/** What the setting is called in every spelling of the API. */
const SETTING = 'awsvpcTrunking';

export function readTrunkingSettings(reading: Reading, roles: Joins<Named>): TrunkingSetting[] {
  const { world } = reading;
  const byCode = world.resourcesOf('AWS::Lambda::Function').flatMap((resource) => settingsByCode(resource, world));
  const told = new Set(byCode.map(({ resource }) => resource));
  const calls = customResourcesWith(SETTING, world).filter((resource) => !told.has(resource))
    .flatMap((resource) => settingOf(resource, roles));
  return [...calls, ...byCode];
}

function customResourcesWith(text: string, world: World): readonly Resource[] {
  return world.customTypesWith(text).flatMap((type) => world.resourcesOf(type));
}

/**
 * What a function of the template's own sets: whom it does it for, only its code tells, and it does it when the custom resource that calls
 * it is made. Of several, or where none is seen, it is not known when that is.
 */
function settingsByCode(called: Resource, world: World): TrunkingSetting[] {
  const code = shownText(called.property('Code', 'ZipFile'));
  if (!code.includes(SETTING)) {
    return [];
  }
  const name = nameOf(called);
  const open = unknown(`${name} sets ${SETTING} by its own code`);
  const callers = customResourcesWith('ServiceToken', world).filter((resource) => isCalledBy(resource, called, world));
  const principal = !/put_?account_?setting_?default/i.test(code) ? open
    : callers.length === 1 ? known('account' as const) : unknown(`when ${name} is called is not known`);
  const enabled = /\bdisabled?\b|\boff\b/.test(code) ? open : known(true);
  return (callers.length === 0 ? [called] : callers).map((resource) => ({ name: nameOf(resource), resource, principal, enabled }));
}

/** Whether a custom resource calls a function: by itself, or by an alias of it or a function that calls it in its turn. */
function isCalledBy(resource: Resource, called: Resource, world: World): boolean {
  const token = resource.property('ServiceToken');
  return token?.kind === 'reference' && (token.resource === called || world.dependsOn(token.resource, called));
}

/** A call as the CDK's `AwsCustomResource` describes it, in JSON text that may have an ARN in it. */
interface Call {
  readonly action: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly assumedRoleArn?: unknown;
}

const OPEN = '\uE000';
const CLOSE = '\uE001';

function settingOf(resource: Resource, roles: Joins<Named>): TrunkingSetting[] {
  const described = resource.property('Create') ?? resource.property('Update');
  const parts: Array<Reference | Undecided> = [];
  const call = described && callIn(described, parts);
  const name = nameOf(resource);
  const parameter = (wanted: string) => Object.entries(call?.parameters ?? {}).find(([key]) => key.toLowerCase() === wanted)?.[1];
  if (!call || parameter('name') !== SETTING) {
    const open = unknown(`the call of ${name} cannot be read`);
    return mentionsIt(resource.property(), MADE_LATER) ? [{ name, resource, principal: open, enabled: open }] : [];
  }
  const value = String(parameter('value'));
  const enabled: Value<boolean> = /^(enabled|on)$/i.test(value)
    ? known(true)
    : /^(disabled|off)$/i.test(value) ? known(false) : unknown(`the value that ${name} sets is not literal`);
  const to = (arn: unknown): Value<To<Named>> => {
    const placed = new RegExp(`^${OPEN}(\\d+)${CLOSE}$`).exec(String(arn))?.[1];
    return typeof arn !== 'string'
      ? unknown(`the principal of ${name} cannot be read`)
      : known(roles.find(placed === undefined ? { kind: 'scalar', value: arn, assumes: [] } : parts[Number(placed)], resource));
  };
  const action = call.action.replace(/command$/i, '').toLowerCase();
  if (action === 'putaccountsettingdefault') {
    return [{ name, resource, principal: known('account'), enabled }];
  }
  if (action !== 'putaccountsetting') {
    return [{ name, resource, principal: unknown(`${name} calls ${call.action}`), enabled }];
  }
  const principal = parameter('principalarn') ?? call.assumedRoleArn;
  return [{ name, resource, principal: principal === undefined ? callerOf(resource, roles) : to(principal), enabled }];
}

/** Properties of calls that are made when the instances are there already. */
const MADE_LATER = ['Delete'];

/** Whether the setting is spoken of, as a value or a key: what is made of that only the function behind a custom resource tells. */
function mentionsIt(evaluated: Evaluated | undefined, except: readonly string[] = []): boolean {
  switch (evaluated?.kind) {
    case 'scalar':
    case 'text':
      return shownText(evaluated).includes(SETTING);
    case 'list':
      return evaluated.items.some((item) => mentionsIt(item));
    case 'entries':
      return evaluated.keys.some((key) => !except.includes(key) && (key.includes(SETTING) || mentionsIt(evaluated.entry(key))));
    case undefined:
    case 'reference':
    case 'undecided':
      return false;
  }
}

/** Without a principal the setting is the caller's own: the role of the function behind the custom resource. */
function callerOf(resource: Resource, roles: Joins<Named>): Value<To<Named>> {
  const token = resource.property('ServiceToken');
  const role = token?.kind === 'reference' ? token.resource.property('Role') : undefined;
  return role ? known(roles.find(role, resource)) : unknown(`whose setting ${nameOf(resource)} makes is not known`);
}

function callIn(described: Evaluated, parts: Array<Reference | Undecided>): Call | undefined {
  const plain = described.kind === 'entries' ? plainOf(described, parts) : parsed(marked(described, parts));
  const { action, parameters, assumedRoleArn } = (plain ?? {}) as Record<string, unknown>;
  return typeof action === 'string' && parameters !== null && typeof parameters === 'object'
    ? { action, parameters: parameters as Record<string, unknown>, assumedRoleArn }
    : undefined;
}

/** Text with placeholders for what is not literal. */
function marked(evaluated: Evaluated, parts: Array<Reference | Undecided>): string {
  const place = (part: Reference | Undecided) => `${OPEN}${parts.push(part) - 1}${CLOSE}`;
  switch (evaluated.kind) {
    case 'scalar':
      return String(evaluated.value);
    case 'text':
      return evaluated.parts.map((part) => typeof part === 'string' ? part : place(part)).join('');
    case 'reference':
    case 'undecided':
      return place(evaluated);
    case 'list':
    case 'entries':
      return '';
  }
}

function plainOf(evaluated: Evaluated, parts: Array<Reference | Undecided>): unknown {
  switch (evaluated.kind) {
    case 'entries':
      return Object.fromEntries(evaluated.keys.map((key) => [key, plainOf(evaluated.entry(key)!, parts)]));
    case 'list':
      return evaluated.items.map((item) => plainOf(item, parts));
    case 'scalar':
    case 'text':
    case 'reference':
    case 'undecided':
      return marked(evaluated, parts);
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** What of a host group decides on trunking. */
export type Trunked = Pick<HostGroup, 'name' | 'resource' | 'kind' | 'instanceTypes' | 'operatingSystem' | 'instanceRole' | 'resourceNameARecord' | 'userData'>;

/** The state of trunking of a group's instances: see `TrunkingState`. */
export function trunkingOf(group: Trunked, settings: readonly TrunkingSetting[], reading: Reading): Trunking {
  const { accountSettings = {} } = reading.options;
  const { mine, maybe } = settingsFor(group, settings);
  const ordered = [...mine, ...maybe].every((setting) => reading.world.dependsOn(group.resource, setting.resource));
  const alreadyOn = metadataAt(group.resource, 'EcsNetworkModes', SETTING) === 'alreadyOn';
  const stated = alreadyOn
    ? [`ENI trunking is already on for the instances of ${group.name}, as its metadata says`]
    : accountSettings[SETTING] === undefined ? [] : [`the account has ${SETTING} ${accountSettings[SETTING]}, as is stated`];
  const on = alreadyOn || accountSettings[SETTING] === 'enabled';
  const rest = {
    settings: [...mine, ...maybe],
    ordered,
    requested: on || mine.some(({ enabled }) => !enabled.known || enabled.value),
  };
  const said = (state: Trunking['state'], why: string, assumes: readonly string[] = []): Trunking => (
    { state, why, assumes, certain: state === 'on' && allCan(group.instanceTypes), ...rest });

  const { operatingSystem, instanceTypes, resourceNameARecord } = group;
  if (group.kind === 'managed-instances') {
    return said('unknown', 'ECS sees to the trunks of Managed Instances');
  }
  if (operatingSystem.known && operatingSystem.value === 'windows') {
    return said('off', 'Windows does not trunk', operatingSystem.assumes);
  }
  if (instanceTypes.known && instanceTypes.value.length > 0 && instanceTypes.value.every((type) => isUnable(type))) {
    return said('off', `${instanceTypes.value.join(', ')} cannot trunk`, instanceTypes.assumes);
  }
  const enabling = on ? 'yes' : enabledBy(mine);
  if (enabling === 'yes') {
    if (resourceNameARecord.known && resourceNameARecord.value) {
      return said('off', 'its instances have resource-name A records, and so no trunks', [...stated, ...resourceNameARecord.assumes]);
    }
    if (!resourceNameARecord.known) {
      return said('unknown', resourceNameARecord.why, stated);
    }
    return on || ordered
      ? said('on', on ? stated[0] : `${mine[0].name} turns it on`, stated)
      : said('unknown', `instances may be launched before ${mine[0].name} has turned it on`);
  }
  if (mine.length > 0) {
    return enabling === 'no' ? said('off', `${mine[0].name} turns it off`) : said('unknown', `what ${mine[0].name} sets is not known`);
  }
  if (maybe.length > 0) {
    return said('unknown', `whether ${maybe[0].name} sets it for these instances is not known`);
  }
  if (group.userData.callsForTrunking) {
    return said('unknown', 'the instances turn it on themselves, for those that are launched later');
  }
  return accountSettings[SETTING] === 'disabled'
    ? said('off', stated[0], stated)
    : said('account-default', 'nothing here turns it on, and whether the account has is not known');
}

/** The settings that count: a role's own before the account's [T03]. */
function settingsFor(group: Trunked, settings: readonly TrunkingSetting[]): { mine: TrunkingSetting[]; maybe: TrunkingSetting[] } {
  const account: TrunkingSetting[] = [];
  const mine: TrunkingSetting[] = [];
  const maybe: TrunkingSetting[] = [];
  for (const setting of settings) {
    const { principal } = setting;
    if (!principal.known) {
      maybe.push(setting);
    } else if (principal.value === 'account') {
      account.push(setting);
    } else {
      const verdict = group.instanceRole ? same(group.instanceRole, principal.value) : 'no';
      (verdict === 'yes' ? mine : verdict === 'no' ? [] : maybe).push(setting);
    }
  }
  return { mine: mine.length > 0 ? mine : account, maybe };
}

function enabledBy(settings: readonly TrunkingSetting[]): 'yes' | 'no' | 'unknown' {
  const values = new Set(settings.map(({ enabled }) => enabled.known ? enabled.value : 'unknown'));
  if (values.size !== 1) {
    return 'unknown';
  }
  const [only] = values;
  return only === 'unknown' ? 'unknown' : only ? 'yes' : 'no';
}

function isUnable(type: string): boolean {
  const trunking = instanceLimits(type)?.trunking;
  return trunking === 'no' || trunking === 'excluded';
}

function allCan(types: Value<readonly string[]>): boolean {
  return types.known && types.value.length > 0 && types.value.every((type) => instanceLimits(type)?.trunking === 'supported');
}
