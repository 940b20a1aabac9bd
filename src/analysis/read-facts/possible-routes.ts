/** Routes that may be of a subnet's table: nothing that is given says which table, or which subnet, they are for. */
import { Named, PossibleRoute, Route, same, Subnet, To, Vpc } from '../facts';
import type { Resource } from '../resources';
import { unknown } from '../value';
import { nameOf } from './joins';

/** A route of a table that is not known. */
export interface OpenRoute {
  readonly table: To<Named>;
  readonly route: Route;
}

/** An association of a table with a subnet that is not known. */
export interface OpenAssociation {
  readonly resource: Resource;
  readonly subnet: To<Subnet>;
  readonly table: To<Named>;
  /** Those of the table, where that is known. */
  readonly routes?: readonly Route[];
}

export function possibleRoutesReader(
  routes: readonly OpenRoute[], associations: readonly OpenAssociation[], vpcOfTable: (table: Resource) => To<Vpc>,
): (subnet: Subnet) => readonly PossibleRoute[] {
  return (subnet) => {
    if (!subnet.routes.known) {
      return [];
    }
    const table = subnet.routeTable?.target?.resource ?? subnet.vpc.target!.resource!;
    return [
      ...routes.flatMap((one) => isElsewhere(one.table, one.route.resource, table) ? [] : possible(one)),
      ...subnet.routeTable ? [] : associations.flatMap((one) => isElsewhere(one.subnet, one.resource, subnet.resource!)
        || isOfOtherVpc(one, subnet.vpc, vpcOfTable) ? [] : possibleBy(one)),
    ];
  };
}

/** A template that makes something does not know its id: one that is written out there is that of something else. */
function isElsewhere({ literal }: To<Named>, from: Resource, made: Resource): boolean {
  return literal !== undefined && from.template === made.template;
}

function isOfOtherVpc({ table }: OpenAssociation, vpc: To<Vpc>, vpcOfTable: (table: Resource) => To<Vpc>): boolean {
  return table.target !== undefined && same(vpcOfTable(table.target.resource!), vpc) === 'no';
}

function possible({ table, route }: OpenRoute): PossibleRoute {
  return { route, why: `which route table ${nameOf(route.resource)} is for is not known: ${table.why}` };
}

function possibleBy({ resource, subnet, table, routes }: OpenAssociation): PossibleRoute[] {
  const why = `which subnet ${nameOf(resource)} is for is not known: ${subnet.why}`;
  const any: Route = { resource, family: 'unknown', destination: unknown(`the route table of ${nameOf(resource)} is not known: ${table.why}`), target: 'unknown' };
  return (routes ?? [any]).map((route) => ({ route, why }));
}
