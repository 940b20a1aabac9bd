/** What tasks and instances call to start, and the VPC endpoints that answer where there is no way out. */
import { imageSource } from '../endpoints/container-image';
import { ENDPOINTS_OF_USES } from '../endpoints/endpoints-of-uses';
import type { Container, Service, TaskDefinition } from './facts';
import { every, known, unknown, Verdict } from './value';

export interface Need {
  /** What happens without it, as a clause: `its image in ECR cannot be pulled`. */
  readonly consequence: string;
  /** Endpoints of which all are needed; where there are none, none helps. */
  readonly endpoints: readonly string[];
  /** Whether tasks start without it: it is called while they run. */
  readonly later?: true;
}

export interface Needs {
  readonly needs: readonly Need[];
  /** Why there may be more. */
  readonly why?: string;
}

/** What the agent on a container instance calls [E01]. */
export const AGENT_ENDPOINTS: readonly string[] = ENDPOINTS_OF_USES.containerInstances;

const STORES = { secretsmanager: ENDPOINTS_OF_USES.secretsManager, ssm: ENDPOINTS_OF_USES.parameterStore };

/** What is called for a task before its containers run, by the agent or by Fargate [E02, E03, E04, E06]. */
export function needsOf(taskDefinition: TaskDefinition | undefined): Needs {
  if (!taskDefinition) {
    return { needs: [], why: 'its task definition is not of what is given' };
  }
  const { containers } = taskDefinition;
  if (!containers.known) {
    return { needs: [], why: containers.why };
  }
  const needs = new Map<string, Need>();
  let why: string | undefined;
  for (const found of containers.value.flatMap((container) => [imageOf(container), ...restOf(container)])) {
    if (typeof found === 'string') {
      why ??= found;
    } else {
      needs.set(`${found.consequence} ${found.endpoints.join()}`, found);
    }
  }
  return { needs: [...needs.values()], ...why === undefined ? {} : { why } };
}

/** Whether all images of a task are in ECR, which endpoints lead to. */
export function hasImagesInEcr(taskDefinition: TaskDefinition | undefined): Verdict {
  if (!taskDefinition?.containers.known) {
    return unknown(taskDefinition?.containers.known === false ? taskDefinition.containers.why : 'its task definition is not of what is given');
  }
  return every(taskDefinition.containers.value.map((container): Verdict => {
    const image = imageOf(container);
    return typeof image === 'string' ? unknown(image) : image.endpoints.length > 0 ? 'yes' : 'no';
  }));
}

/** What is called from within a task while it runs [E04]. What its own program calls, and where FireLens sends to, no fact tells. */
export function laterNeedsOf({ executeCommand, serviceConnect, cluster }: Service): Needs {
  const connect = serviceConnect?.enabled ?? known(false);
  const sessions = executeCommand.known && executeCommand.value;
  const ofSessions = [...ENDPOINTS_OF_USES.ecsExec, ...(cluster.target?.sessionUses ?? []).flatMap((use) => ENDPOINTS_OF_USES[use])];
  const why = [executeCommand, connect].find((value) => !value.known)
    ?? (sessions && !cluster.target ? unknown(`whether sessions of ECS Exec are encrypted and logged is not known: ${cluster.why}`) : undefined);
  return {
    needs: [
      ...sessions ? [{ consequence: 'ECS Exec opens no sessions', endpoints: ofSessions, later: true as const }] : [],
      ...connect.known && connect.value
        ? [{ consequence: 'its Service Connect proxy reaches no endpoint of ECS', endpoints: ENDPOINTS_OF_USES.serviceConnect, later: true as const }] : [],
    ],
    ...why?.known === false ? { why: why.why } : {},
  };
}

/** Both of two. */
export function together(a: Needs, b: Needs): Needs {
  const why = a.why ?? b.why;
  return { needs: [...a.needs, ...b.needs], ...why === undefined ? {} : { why } };
}

/** A need, or why it cannot be told whether there is one. */
type Found = Need | string;

function imageOf({ imageText }: Container): Found {
  const source = imageSource(imageText);
  switch (source.from) {
    case 'ecr':
      return { consequence: 'its image in ECR cannot be pulled', endpoints: ENDPOINTS_OF_USES.ecrImages };
    case 'internet':
      return { consequence: `its image from ${source.registry} cannot be pulled`, endpoints: [] };
    case 'unknown':
      return `where image ${imageText} comes from is not known: ${source.why}`;
  }
}

function restOf({ logDriver, secrets, environmentFiles }: Container): Found[] {
  return [
    ...logDriver?.known === false ? [logDriver.why] : [],
    ...logDriver?.known && logDriver.value === 'awslogs' ? [{ consequence: 'its logs cannot be sent', endpoints: ENDPOINTS_OF_USES.cloudWatchLogs }] : [],
    ...secrets.map(({ source }): Found => source === 'unknown'
      ? 'where a secret is kept is not known'
      : { consequence: `its ${source === 'ssm' ? 'parameters' : 'secrets'} cannot be read`, endpoints: STORES[source] }),
    ...environmentFiles.known ? [] : [environmentFiles.why],
    ...environmentFiles.known && environmentFiles.value
      ? [{ consequence: 'its environment files cannot be read', endpoints: ENDPOINTS_OF_USES.s3 }] : [],
  ];
}
