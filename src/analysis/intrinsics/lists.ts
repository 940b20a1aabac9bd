/** `Fn::Select`, `Fn::Cidr`, `Fn::GetAZs`, `Fn::FindInMap`, and what AWS::LanguageExtensions adds for lists. */
import { printBlock, readBlock, subnetAt, subnetCount } from '../../limits/cidr';
import type { Call } from '../intrinsics';
import { assumesOf, Entries, Evaluated, identityOf, numberOf, textOf } from '../resources';
import { isBody, own } from '../templates';
import { union } from '../value';
import { pseudo } from './pseudo';
import { assuming, EvaluatedList, malformed, NOTHING_ASSUMED, passedOn, rawIdentity, scalar, shown, undecided, whyOf } from './results';

/** `Fn::Select`: a number from 0 and a list. */
export function select({ evaluator, model, argument, raw }: Call): Evaluated | undefined {
  const [position, list] = Array.isArray(argument) && argument.length === 2 ? argument.map((part) => evaluator.evaluate(model, part)) : [];
  if (!position || (list?.kind !== 'list' && list?.kind !== 'reference' && list?.kind !== 'undecided')) {
    return malformed(evaluator.set, model, raw, 'Fn::Select takes a number and a list');
  }
  const index = numberOf(position);
  if (!index.known) {
    return undecided(whyOf(position), evaluator.set.identity('"select"', identityOf(position), list.identity));
  }
  if (!Number.isInteger(index.value) || index.value < 0) {
    return malformed(evaluator.set, model, raw, `Fn::Select takes a number from 0, not ${index.value}`);
  }
  if (list.kind !== 'list') {
    return evaluator.texts.itemOf(list, index.value, evaluator.set.identity('"select"', String(index.value), list.identity));
  }
  return index.value < list.items.length
    ? assuming(list.items[index.value], union(list.assumes, index.assumes))
    : malformed(evaluator.set, model, raw, `the list has ${list.items.length} items, and none with number ${index.value}`);
}

/** `Fn::Cidr` gives 256 blocks at most: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-cidr.html. */
const MAX_BLOCKS = 256;

/** `Fn::Cidr`: a block, the number of blocks, and how many bits of addresses each has. IPv4 only. */
export function cidr({ evaluator, model, argument, raw }: Call): Evaluated | undefined {
  const given = Array.isArray(argument) ? argument.map((part) => evaluator.evaluate(model, part)) : [];
  if (given.length < 2 || given.length > 3 || given.includes(undefined)) {
    return malformed(evaluator.set, model, raw, 'Fn::Cidr takes a block, a number of blocks and their bits');
  }
  const parts = [blockBehind(given[0]!), ...given.slice(1) as Evaluated[]];
  const identity = evaluator.set.identity('"cidr"', ...parts.map(identityOf));
  const [text, count, bits] = [textOf(parts[0]), numberOf(parts[1]), parts[2] && numberOf(parts[2])];
  if (!text.known || !count.known || !bits?.known) {
    const missing = parts.find((part) => part.kind !== 'scalar');
    return undecided(missing ? whyOf(missing) : 'Fn::Cidr takes numbers, and how many bits blocks have', identity);
  }
  const block = readBlock(text.value);
  const prefix = 32 - bits.value;
  const isCount = Number.isInteger(count.value) && count.value >= 1 && count.value <= MAX_BLOCKS;
  if (!block || !isCount || !Number.isInteger(prefix) || prefix > 32 || subnetCount(block, prefix) < count.value) {
    return undecided(`Fn::Cidr gives no ${count.value} IPv4 blocks with ${bits.value} bits of ${shown(text.value)}`, identity);
  }
  const blocks = Array.from({ length: count.value }, (_, index) => scalar(printBlock(subnetAt(block, prefix, index)!)));
  return new EvaluatedList(evaluator.set, blocks, union(text.assumes, count.assumes, bits.assumes));
}

/** The block a VPC or a subnet was given, where its `CidrBlock` is asked for: the function is one of addresses, not of resources. */
function blockBehind(of: Evaluated): Evaluated {
  const block = of.kind === 'reference' && of.attribute === 'CidrBlock' && ['AWS::EC2::VPC', 'AWS::EC2::Subnet'].includes(of.resource.type)
    ? of.resource.property('CidrBlock')
    : undefined;
  return block?.kind === 'scalar' ? assuming(block, assumesOf(of)) : of;
}

/** `Fn::GetAZs`: the zones of a Region, which no template tells. A zone has an identity by its number all the same. */
export function zones({ evaluator, model, argument, raw }: Call): Evaluated | undefined {
  const given = evaluator.evaluate(model, argument);
  if (!given) {
    return malformed(evaluator.set, model, raw, 'Fn::GetAZs takes a Region');
  }
  const region = given.kind === 'scalar' && given.value === '' ? pseudo(evaluator, model, 'AWS::Region') : given;
  return undecided('the zones of a Region are not in a template', evaluator.set.identity('"zones"', identityOf(region)));
}

/** `Fn::FindInMap`: a map, two keys, and with AWS::LanguageExtensions a default. */
export function findInMap({ evaluator, model, argument, raw }: Call): Evaluated | undefined {
  const list = Array.isArray(argument) ? argument as unknown[] : [];
  const given = list.slice(0, 3).map((part) => evaluator.evaluate(model, part));
  if (given.length < 3 || given.includes(undefined)) {
    return malformed(evaluator.set, model, raw, 'Fn::FindInMap takes a map and two keys');
  }
  const parts = given as Evaluated[];
  const options = isBody(list[3]) ? list[3] : {};
  const open = parts.find((part) => part.kind !== 'scalar');
  if (open) {
    // The identity tells maps of templates apart, and what is found where the keys are in none of them.
    return undecided(whyOf(open), evaluator.set.identity('"map"', ...parts.map(identityOf), rawIdentity(evaluator.set, model, options)));
  }
  const [map, top, key] = parts.map((part) => otherwiseEmpty(part));
  const entries = model.mappings.get(map);
  const inner = isBody(entries) ? own(entries, top) : undefined;
  const found = isBody(inner) ? own(inner, key) : undefined;
  if (found === undefined && !Object.hasOwn(options, 'DefaultValue')) {
    return malformed(evaluator.set, model, raw, `map ${shown(map)} has no ${shown(top)}.${shown(key)}`);
  }
  const value = found === undefined ? evaluator.evaluate(model, options.DefaultValue) : evaluator.evaluateOnce(model, found);
  return value && assuming(found === undefined ? value : passedOn(value), union(...parts.map(assumesOf)));
}

function otherwiseEmpty(part: Evaluated): string {
  return part.kind === 'scalar' ? String(part.value) : '';
}

/** `Fn::Length`: of a list. */
export function length({ evaluator, model, argument, raw }: Call): Evaluated | undefined {
  const list = evaluator.evaluate(model, argument);
  if (list?.kind === 'list') {
    return scalar(list.items.length, list.assumes);
  }
  return list?.kind === 'undecided' || list?.kind === 'reference'
    ? undecided(whyOf(list), evaluator.set.identity('"length"', list.identity))
    : malformed(evaluator.set, model, raw, 'Fn::Length takes a list');
}

/** `Fn::ToJsonString`: of an object or a list. */
export function toJsonString({ evaluator, model, argument, raw }: Call): Evaluated | undefined {
  const value = evaluator.evaluate(model, argument);
  if (value?.kind !== 'list' && value?.kind !== 'entries') {
    return malformed(evaluator.set, model, raw, 'Fn::ToJsonString takes an object or a list');
  }
  const assumed: Array<readonly string[]> = [NOTHING_ASSUMED];
  const missing: Evaluated[] = [];
  const plain = (one: Evaluated): unknown => {
    assumed.push(assumesOf(one));
    switch (one.kind) {
      case 'scalar': return one.value;
      case 'list': return one.items.map(plain);
      case 'entries': return evaluator.deeper(() => object(one)) ?? void missing.push(one);
      case 'text': case 'reference': case 'undecided': return void missing.push(one);
    }
  };
  // In the order of the keys, as CloudFormation promises none; and without a prototype, for a key may be called __proto__.
  const object = (one: Entries): object => [...one.keys].sort().reduce((entries, key) => {
    entries[key] = plain(one.entry(key)!);
    return entries;
  }, Object.create(null) as Record<string, unknown>);
  const text = JSON.stringify(plain(value));
  return missing.length
    ? undecided(whyOf(missing[0]), evaluator.set.identity('"json"', value.identity))
    : scalar(text, union(...assumed));
}
