/**
 * How many security groups an interface takes, and how many rules a group.
 *
 * `[V18]` and the like are rows of docs/facts.md. Quotas are those of an account that has not asked for more.
 */

/** Security groups and subnets in the network configuration of an awsvpc service; fixed [M11]. */
export const MAX_GROUPS_PER_AWSVPC_SERVICE = 5;
/** See `MAX_GROUPS_PER_AWSVPC_SERVICE`. */
export const MAX_SUBNETS_PER_AWSVPC_SERVICE = 16;

/** Security groups per network interface [V18]: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html. */
export const DEFAULT_MAX_GROUPS_PER_INTERFACE = 5;
/** What that quota can be raised to [V18], same page. */
export const MAX_GROUPS_PER_INTERFACE = 16;

/** Rules of a group in one direction and one address family [V19], same page. */
export const DEFAULT_MAX_RULES_PER_GROUP = 60;

/** Groups of an interface times rules of a group are at most as many, whatever the quotas are [V20], same page. */
export const MAX_RULES_PER_INTERFACE = 1_000;
