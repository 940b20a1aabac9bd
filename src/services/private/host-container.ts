import { Stack, Token } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { invalid, requireBoolean } from '../../invalid';
import { HostContainerOptions } from '../host-container-options';

/**
 * The options of a container that shares the instance's network, with no more rights than were asked for.
 *
 * @param id the construct id of the container, of which there is none yet
 */
export function restrict(scope: Construct, id: string, options: HostContainerOptions): ecs.ContainerDefinitionOptions {
  const { runAsRoot, privilegedReason, allowNetRaw, ...rest } = options;
  requireBoolean(scope, 'allowNetRaw', allowNetRaw);
  requireUser(scope, id, rest.user, runAsRoot);
  requireReason(scope, id, 'privilegedReason', privilegedReason);
  if (rest.privileged && !privilegedReason) {
    throw invalid(scope, `'privileged' of container '${id}' needs 'privilegedReason': on the instance's network it is as good as root on the instance`);
  }
  if (privilegedReason && !rest.privileged) {
    throw invalid(scope, `'privilegedReason' of container '${id}' is given, but 'privileged' is not`);
  }
  note(scope, id, 'run-as-root', runAsRoot);
  note(scope, id, 'privileged', privilegedReason);
  return { ...rest, linuxParameters: allowNetRaw ? rest.linuxParameters : withoutNetRaw(scope, id, rest.linuxParameters) };
}

function requireUser(scope: Construct, id: string, user: string | undefined, runAsRoot: string | undefined): void {
  requireReason(scope, id, 'runAsRoot', runAsRoot);
  // Formats: user, user:group, uid, uid:gid, uid:group, user:gid (ECS API reference, ContainerDefinition.user).
  const root = user === undefined || (!Token.isUnresolved(user) && /^(root|0*)(:|$)/.test(user));
  if (root && !runAsRoot) {
    throw invalid(scope, `'user' of container '${id}' must be a user other than root, such as '65534', got ${user === undefined ? 'none' : `'${user}'`}: in host mode `
      + "it shares the instance's network. If it must be root, say why in 'runAsRoot'");
  }
  if (!root && runAsRoot) {
    throw invalid(scope, `'runAsRoot' of container '${id}' is given, but so is 'user' '${user}'`);
  }
}

function requireReason(scope: Construct, id: string, prop: string, reason: string | undefined): void {
  if (reason !== undefined && reason.trim() === '') {
    throw invalid(scope, `'${prop}' of container '${id}' must say why, got an empty text`);
  }
}

/** Reasons stay readable in the cloud assembly. */
function note(scope: Construct, id: string, what: string, reason: string | undefined): void {
  if (reason) {
    scope.node.addMetadata(`cdk-ecs-network-modes:${what}`, `${id}: ${reason}`);
  }
}

/** With NET_RAW a container can forge packets from the instance's address: docker grants it by default. */
function withoutNetRaw(scope: Construct, id: string, given: ecs.LinuxParameters | undefined): ecs.LinuxParameters {
  const parameters = given ?? new ecs.LinuxParameters(scope, `${id}LinuxParameters`);
  const { capabilities } = Stack.of(scope).resolve(parameters.renderLinuxParameters());
  const granting: string[] = [ecs.Capability.NET_RAW, ecs.Capability.ALL];
  const asked = (capabilities?.add ?? []).find((capability: string) => granting.includes(capability));
  if (asked) {
    throw invalid(scope, `'linuxParameters' of container '${id}' add ${asked}, which lets it forge packets from the instance's address: set 'allowNetRaw' as well if it must`);
  }
  if (!capabilities?.drop?.includes(ecs.Capability.NET_RAW)) {
    parameters.dropCapabilities(ecs.Capability.NET_RAW);
  }
  return parameters;
}
