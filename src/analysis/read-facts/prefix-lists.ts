/** Prefix lists, which security groups and routes refer to. */
import type { Named, PrefixListPeer } from '../facts';
import { all, chained, unknown } from '../value';
import { Joins, nameOf, Reading } from './joins';
import { at, eachItem, number, text, word } from './properties';

export type PrefixList = Named & Omit<PrefixListPeer, 'kind'>;

export function readPrefixLists(reading: Reading): Joins<PrefixList> {
  const lists = new Joins<PrefixList>(reading);
  for (const resource of reading.world.resourcesOf('AWS::EC2::PrefixList')) {
    const entries = chained(eachItem(resource.property('Entries'), (entry) => text(at(entry, 'Cidr')) ?? unknown('an entry has no Cidr')), all);
    lists.add(resource, {
      name: nameOf(resource),
      resource,
      entries,
      maxEntries: number(resource.property('MaxEntries')) ?? unknown('MaxEntries is left out'),
      addressFamily: word(resource.property('AddressFamily'), ['IPv4', 'IPv6'] as const) ?? unknown('AddressFamily is left out'),
    });
  }
  return lists;
}
