import { CfnResource, Names, Reference, Resource, Stack, Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Dependable, IConstruct, IDependable } from 'constructs';
import { isReadOnly } from '../imported-security-group';
import { viewIn } from '../security-group-view';
import { identity, knownText } from './known-text';

/** The port of AWS APIs (fact E05): https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html */
const HTTPS_PORT = 443;
export const HTTPS = ec2.Port.tcp(HTTPS_PORT);

/** Who is to be let in. */
export interface Client {
  /** What waits for it, in the stack the rules go to: that one is deployed after the guarding group's anyway. */
  readonly resource: CfnResource;
  /** Its groups, which may become more until the app is synthesised. */
  readonly groups: () => readonly ec2.ISecurityGroup[];
  /** Whether it is instances, which any number of services may share. */
  readonly instances: boolean;
}

/** A group to be let in, and those for whom. */
interface AdmittedGroup {
  readonly group: ec2.ISecurityGroup;
  readonly clients: readonly Client[];
}

/** Lets clients in by their groups, each group once. */
export class Admissions {
  private readonly clients: Client[] = [];
  private readonly rules = new Map<string, readonly IConstruct[]>();

  constructor(private readonly scope: IConstruct) {}

  /** @returns the rules of this client, for it to wait for: those of others wait for their groups, which may wait for the client */
  public add(client: Client): IDependable {
    this.clients.push(client);
    const rules: IDependable = {};
    const rulesNow = () => client.groups().flatMap((group) => this.rules.get(identity(this.scope, group.securityGroupId)) ?? []);
    Dependable.implement(rules, {
      get dependencyRoots() {
        return rulesNow();
      },
    });
    return rules;
  }

  /** All groups there are now. */
  public groups(): ec2.ISecurityGroup[] {
    return [...this.byGroup().values()].map(({ group }) => group);
  }

  /** Writes the rules that let every client in to what the groups guard. Once more writes only what is new. */
  public write(guards: readonly ec2.ISecurityGroup[]): void {
    for (const [id, { group, clients }] of this.byGroup()) {
      const stack = Stack.of(writers(clients)[0].resource);
      this.rules.set(id, guards.flatMap((guard) => admit(guard, group, stack)));
    }
  }

  /** Groups into which two stacks would write one rule: the second to be deployed fails, or either takes the rule away when it goes. */
  public problems(): string[] {
    return [...this.byGroup().values()].flatMap(({ group, clients }) => {
      const stacks = [...new Set(writers(clients).map(({ resource }) => Stack.of(resource).node.path))];
      return stacks.length > 1 ? [`security group ${originOf(group).node.path} is served from stacks '${stacks.join("' and '")}', and EC2 takes the rule that lets it in once: `
        + "give the services groups of their own or put them in one stack; where it is the group of instances, serve those as well ('serveInstances')"] : [];
    });
  }

  private byGroup(): Map<string, AdmittedGroup> {
    const found = new Map<string, AdmittedGroup>();
    for (const client of this.clients) {
      for (const group of client.groups()) {
        const id = identity(this.scope, group.securityGroupId);
        found.set(id, { group, clients: [...found.get(id)?.clients ?? [], client] });
      }
    }
    return found;
  }
}

/** Those whose stack the rules of a group go to: that of the instances, whichever services share them. */
function writers(clients: readonly Client[]): readonly Client[] {
  const instances = clients.filter((client) => client.instances);
  return instances.length > 0 ? instances : clients;
}

/** Lets the members of a group in to what another guards, and out to it where they are not let out anyway. */
function admit(guard: ec2.ISecurityGroup, group: ec2.ISecurityGroup, stack: Stack): IConstruct[] {
  const guardThere = asSeenIn(stack, guard);
  guardThere.addIngressRule(peerOf(group), HTTPS, 'VPC endpoints');
  const rules: IConstruct[] = guardThere.node.children.filter((child) => child instanceof ec2.CfnSecurityGroupIngress
    && child.sourceSecurityGroupId === group.securityGroupId && child.fromPort === HTTPS_PORT);
  if (letsAllOut(group)) {
    return rules;
  }
  const groupThere = asSeenIn(stack, originOf(group));
  groupThere.addEgressRule(peerOf(guard), HTTPS, 'VPC endpoints');
  return [...rules, ...groupThere.node.children.filter((child) => child instanceof ec2.CfnSecurityGroupEgress
    && child.destinationSecurityGroupId === guard.securityGroupId && child.fromPort === HTTPS_PORT)];
}

/** Whether members of a group may send anywhere. An imported group is taken to, as the framework takes it, and left alone. */
export function letsAllOut(group: ec2.ISecurityGroup): boolean {
  const origin = originOf(group);
  return isReadOnly(group) || !Resource.isOwnedResource(origin) || origin.allowAllOutbound;
}

/** The group behind a reference to it, where it is of this app: services of other stacks know a group by a view of it. */
export function originOf(group: ec2.ISecurityGroup): ec2.ISecurityGroup {
  const [reference] = Tokenization.reverseString(group.securityGroupId).tokens;
  const parent = reference && Reference.isReference(reference) ? reference.target.node.scope : undefined;
  return parent && ec2.SecurityGroup.isSecurityGroup(parent) ? parent : group;
}

function asSeenIn(stack: Stack, group: ec2.ISecurityGroup): ec2.ISecurityGroup {
  return Stack.of(group) === stack ? group : viewIn(stack, group, true);
}

/**
 * A group as a peer, named by the group itself and not by the view or import through which it is known: several services may share a
 * group, and when one of them goes, the rule must keep its logical id.
 */
function peerOf(group: ec2.ISecurityGroup): ec2.IPeer {
  const origin = originOf(group);
  const { connections, securityGroupId } = group;
  return {
    canInlineRule: false,
    uniqueId: Resource.isOwnedResource(origin) ? Names.nodeUniqueId(origin.node) : knownText(group, securityGroupId),
    connections,
    toIngressRuleConfig: () => ({ sourceSecurityGroupId: securityGroupId }),
    toEgressRuleConfig: () => ({ destinationSecurityGroupId: securityGroupId }),
  };
}
