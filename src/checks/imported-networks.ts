/** What `Vpc.fromLookup` and other imports say of VPCs and subnets: no template has it. */
import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { ImportedSubnet, ImportedVpc } from '../analysis/read-facts';

/** With this id `Vpc.fromLookup` gives made-up subnets until the CDK CLI has looked the VPC up. */
const NOT_LOOKED_UP = 'vpc-12345';

export class ImportedNetworks {
  public readonly importedVpcs: Record<string, ImportedVpc> = {};
  public readonly importedSubnets: Record<string, ImportedSubnet> = {};

  /** Adds a construct, whatever it is. What is imported is not exported as a class, so that its members tell. */
  public add(construct: IConstruct): void {
    if ('publicSubnets' in construct && 'vpcId' in construct) {
      this.addVpc(construct as unknown as Readonly<Record<string, unknown>>);
    } else if ('subnetId' in construct && 'routeTable' in construct) {
      this.addSubnet(construct);
    }
  }

  private addVpc(vpc: Readonly<Record<string, unknown>>): void {
    const vpcId = literal(() => vpc.vpcId);
    if (vpcId === undefined || vpcId === NOT_LOOKED_UP) {
      return;
    }
    this.importedVpcs[vpcId] = { cidr: literal(() => vpc.vpcCidrBlock) };
    for (const kind of ['publicSubnets', 'privateSubnets', 'isolatedSubnets']) {
      for (const subnet of vpc[kind] as IConstruct[] ?? []) {
        this.addSubnet(subnet, vpcId);
      }
    }
  }

  private addSubnet(subnet: IConstruct, vpcId?: string): void {
    const members = subnet as unknown as Readonly<Record<string, unknown>>;
    const subnetId = literal(() => members.subnetId);
    const above = subnet.node.scope as unknown as Readonly<Record<string, unknown>> | undefined;
    if (subnetId !== undefined && above?.vpcId !== NOT_LOOKED_UP) {
      const before = this.importedSubnets[subnetId];
      this.importedSubnets[subnetId] = {
        cidr: literal(() => members.ipv4CidrBlock) ?? before?.cidr,
        zone: literal(() => members.availabilityZone) ?? before?.zone,
        vpcId: vpcId ?? before?.vpcId,
      };
    }
  }
}

/** Those of some constructs, whatever else is among them. */
export function importedAmong(constructs: readonly IConstruct[]): ImportedNetworks {
  const networks = new ImportedNetworks();
  constructs.forEach((construct) => networks.add(construct));
  return networks;
}

/** A text that is known now. Imports throw when they are asked for what was not given. */
function literal(member: () => unknown): string | undefined {
  try {
    const value = member();
    return typeof value === 'string' && !Token.isUnresolved(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
