import type { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { ExpectedResult } from '@aws-cdk/integ-tests-alpha';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/** nginx as a user of its own on port 8080; with a shell, curl and a resolver, so that probes need no other image. */
export const IMAGE = 'public.ecr.aws/nginx/nginx-unprivileged:1.29.1-alpine3.22';
export const USER = '101';

/** nginx on both kinds of address: to IPv6 clients, a server that listens on IPv4 alone is not there. */
export const LISTENING_ON_BOTH = {
  image: ecs.ContainerImage.fromRegistry(IMAGE),
  user: USER,
  command: [
    '/bin/sh',
    '-c',
    'echo "server { listen 8080; listen [::]:8080; location / { return 200 here; } }" > /etc/nginx/conf.d/default.conf'
    + " && exec nginx -g 'daemon off;'",
  ],
};

/** What one probe finds out, in shell. */
export interface Check {
  /** What is said of it is `PASS name` or `FAIL name: why`. */
  readonly name: string;
  readonly script: string;
}

/**
 * Something answers HTTP there, whatever its status, within ten minutes.
 *
 * @param url may have shell in it, such as `http://$(srv web.integ.internal)`
 * @param options of curl
 */
export function opens(name: string, url: string, options = ''): Check {
  return { name, script: call('opens', name, options, url) };
}

/**
 * Packets get no answer there, not even a refusal. Put an `opens` before it, and let another probe open the same address: a path is closed
 * only where there is something to reach, and something to reach it with.
 */
export function staysClosed(name: string, url: string, options = ''): Check {
  return { name, script: call('stays_closed', name, options, url) };
}

/** Instance metadata gives neither a token nor, without one, an answer. Put an `opens` before it, as with `staysClosed`. */
export function keptFromMetadata(name: string): Check {
  return { name, script: `kept_from_metadata ${name}` };
}

/** Instance metadata gives a token. */
export function opensMetadata(name: string): Check {
  return opens(name, METADATA_TOKEN, ASKED_FOR_A_TOKEN);
}

const METADATA_TOKEN = 'http://169.254.169.254/latest/api/token';
const ASKED_FOR_A_TOKEN = "-f -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60'";

function call(judge: string, name: string, options: string, url: string): string {
  return [judge, name, ...options ? [options] : [], `"${url}"`].join(' ');
}

/**
 * curl's exit codes: 6 no such name, 7 no connection (refused, or no route), 22 an error status with -f, 28 time-out.
 * It connected if `num_connects` is not 0.
 */
const FUNCTIONS = `
CURL='curl -g -s -S -o /dev/null --connect-timeout 5 --max-time 10'
TRIES=\${TRIES:-40}
PAUSE=\${PAUSE:-5}

opens() {
  name=$1; shift
  try=0
  until out=$($CURL "$@" 2>&1); do
    try=$((try + 1))
    if [ $try -ge $TRIES ]; then echo "FAIL $name: $out"; return; fi
    sleep $PAUSE
  done
  echo "PASS $name"
}

stays_closed() {
  name=$1; shift
  try=0
  while :; do
    out=$($CURL -w '%{num_connects}' "$@" 2>/dev/null); code=$?
    try=$((try + 1))
    if [ $code -ne 6 ] || [ $try -ge $TRIES ]; then break; fi
    sleep $PAUSE
  done
  if [ $code -eq 28 ] && [ "$out" = 0 ]; then echo "PASS $name"; else echo "FAIL $name: curl exit $code, connections $out"; fi
}

kept_from_metadata() {
  name=$1
  $CURL ${ASKED_FOR_A_TOKEN} ${METADATA_TOKEN} 2>/dev/null; token=$?
  $CURL -f http://169.254.169.254/latest/meta-data/ 2>/dev/null; data=$?
  case "$token $data" in
    7\\ 7|7\\ 28|28\\ 7|28\\ 28|7\\ 22|28\\ 22) echo "PASS $name";;
    *) echo "FAIL $name: curl exit $token for a token and $data without";;
  esac
}

srv() {
  try=0
  until found=$(nslookup -type=srv "$1" 2>/dev/null | awk '/service = / { print $NF ":" $(NF - 1); exit }') && [ -n "$found" ]; do
    try=$((try + 1))
    if [ $try -ge $TRIES ]; then break; fi
    sleep $PAUSE
  done
  echo "$found"
}
`;

/** All that a probe runs: each check once, in this order. */
export function probeScript(checks: readonly Check[]): string {
  return [FUNCTIONS, ...checks.map(({ script }) => script)].join('\n');
}

/** The service is to be steady, so its task stays: until it is told to go. */
const STAY = "trap 'exit 0' TERM\nwhile :; do sleep 60 & wait $!; done";

/**
 * Tasks that judge from inside what AWS does not report, and the log they write to. A probe's log holds its verdicts and nothing else, so
 * what is expected of it is the whole of it: a line that is missing, failed or said twice is no success.
 *
 * A probe judges once, when its task starts. Let its service depend on what it judges.
 */
export class Verdicts extends Construct {
  private readonly logGroup: logs.ILogGroup;
  private readonly probes = new Map<string, readonly Check[]>();

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.logGroup = new logs.LogGroup(this, 'Log', { retention: logs.RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY });
  }

  /** The container of a probe, for any service or, if it `ends`, for a task of its own. */
  public probe(name: string, checks: readonly Check[], { image, ends }: { image?: ecs.ContainerImage; ends?: boolean } = {}) {
    if (this.probes.has(name)) {
      throw new Error(`two probes are called ${name}`);
    }
    this.probes.set(name, checks);
    return {
      image: image ?? ecs.ContainerImage.fromRegistry(IMAGE),
      user: USER,
      memoryReservationMiB: 64,
      entryPoint: ['/bin/sh', '-c'],
      command: [[probeScript(checks), ...ends ? [] : [STAY]].join('\n')],
      logging: ecs.LogDrivers.awsLogs({ logGroup: this.logGroup, streamPrefix: name }),
    };
  }

  /** Expects of every probe what it was made for. */
  public expectAll(test: IntegTest): void {
    for (const [name, checks] of this.probes) {
      test.assertions.awsApiCall('CloudWatchLogs', 'filterLogEvents', {
        logGroupName: this.logGroup.logGroupName,
        logStreamNamePrefix: `${name}/`,
      })
        .expect(ExpectedResult.objectLike({ events: checks.map((check) => ({ message: `PASS ${check.name}` })) }))
        .waitForAssertions({ totalTimeout: Duration.minutes(15), interval: Duration.seconds(15) });
    }
  }
}
