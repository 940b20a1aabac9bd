import { Duration } from 'aws-cdk-lib';
import * as cloudmap from 'aws-cdk-lib/aws-servicediscovery';

/**
 * How a service is registered in Cloud Map.
 */
export interface CloudMapRegistration {
  /**
   * The name within the namespace.
   *
   * @default - a generated one
   */
  readonly name?: string;

  /**
   * The DNS namespace.
   *
   * @default - the cluster's default Cloud Map namespace
   */
  readonly cloudMapNamespace?: cloudmap.INamespace;

  /**
   * What a look-up of the name answers: addresses (A, AAAA, A_AAAA) or addresses and ports (SRV). Host and bridge mode have SRV only.
   * AAAA and A_AAAA are refused in a VPC that is known to have no IPv6.
   *
   * Where every task must have an IPv6 address but the account setting `dualStackIPv6` is off, tasks cannot be registered: say A.
   *
   * @default - in awsvpc mode A, together with AAAA where the subnets of the tasks have IPv6, and AAAA alone in IPv6-only subnets; SRV in
   * host and bridge mode
   */
  readonly dnsRecordType?: cloudmap.DnsRecordType;

  /**
   * How long a client may keep an answer.
   *
   * @default Duration.minutes(1)
   */
  readonly dnsTtl?: Duration;

  /**
   * How many times 30 seconds Cloud Map waits before it takes an unhealthy task out.
   *
   * @default 1
   */
  readonly failureThreshold?: number;
}
