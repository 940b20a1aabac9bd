/**
 * Addresses that what stands in a subnet takes of it. `[L01]` and the like are rows of the project's fact table.
 */

/**
 * What an Application Load Balancer needs in each of its subnets [L01]: a /27 or larger with 8 free addresses,
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html. It is there with one at least.
 */
export const APPLICATION_LOAD_BALANCER = { smallestPrefix: 27, freeAddresses: 8, fewestAddresses: 1 } as const;

/** The tasks of each zone where as many as possible are spread evenly: of the fullest one. */
export function tasksInFullestZone(tasks: number, zones: number): number {
  return Math.ceil(tasks / zones);
}

/** The largest `maximumPercent` with which a rolling update of `desired` tasks never has more than `tasks` [D02]; rounded down by ECS. */
export function largestMaximumPercent(desired: number, tasks: number): number {
  return Math.ceil((tasks + 1) * 100 / desired) - 1;
}
