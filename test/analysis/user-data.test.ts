import { runInNewContext } from 'node:vm';
import type { Reference, Undecided } from '../../src/analysis/resources';
import { Parts, readUserData, unknownUserData, UserData } from '../../src/analysis/user-data';
import { valueOf } from './facts-of';
import { resource, world } from './given';

const of = world({ Resources: { Cluster: { Type: 'AWS::ECS::Cluster' } } });
const CLUSTER: Reference = {
  kind: 'reference', resource: resource(of, 'Cluster', 'AWS::ECS::Cluster'), assumes: [], identity: 'ref Cluster',
};
const OPEN: Undecided = { kind: 'undecided', why: 'parameter Extra has no default', identity: 'parameter Extra' };
const REGION: Undecided = { kind: 'undecided', why: 'the Region is not known', identity: '["pseudo","AWS::Region"]' };

const lines = (...parts: ReadonlyArray<Parts[number]>) => readUserData(parts);
const setting = (data: UserData, name: string) => valueOf(data.agentSetting(name));

describe('a setting of the agent', () => {
  test.each<[string, string, string | undefined]>([
    ['echoed', 'echo ECS_X=1 >> /etc/ecs/ecs.config', '1'],
    ['echoed over what was there', 'echo ECS_X=1 > /etc/ecs/ecs.config', '1'],
    ['echoed without spaces', 'echo ECS_X=1>>/etc/ecs/ecs.config', '1'],
    ['in double quotes', 'echo "ECS_X=1" >> /etc/ecs/ecs.config', '1'],
    ['in single quotes', 'echo \'ECS_X={"a":"b"}\' >> /etc/ecs/ecs.config', '{"a":"b"}'],
    ['with quotes of its own', "echo ECS_X='a b' >> /etc/ecs/ecs.config", 'a b'],
    ['with escaped quotes', 'echo "ECS_X=[\\"json-file\\",\\"awslogs\\"]" >> /etc/ecs/ecs.config', '["json-file","awslogs"]'],
    ['with escaped brackets', 'echo ECS_X=\\[\\"json-file\\"\\] >> /etc/ecs/ecs.config', '["json-file"]'],
    ['in a here document', 'cat <<EOF >> /etc/ecs/ecs.config\nECS_A=2\nECS_X=["json-file","awslogs"]\nEOF', '["json-file","awslogs"]'],
    ['one after another in a line', 'echo ECS_A=2 >> x && echo ECS_X=1 >> x; echo done', '1'],
    ['with line breaks in the text', 'echo -e "ECS_A=2\\nECS_X=1" >> /etc/ecs/ecs.config', '1'],
    ['on a line that goes on', 'echo ECS_X=1 \\\n  >> /etc/ecs/ecs.config', '1'],
    ['piped', 'echo ECS_X=1 | tee -a /etc/ecs/ecs.config', '1'],
    ['as a shell variable', 'export ECS_X=1', '1'],
    ['by a shell variable', 'VALUE=7\necho ECS_X=$VALUE >> /etc/ecs/ecs.config', '7'],
    ['by a shell variable in braces', 'export VALUE="a b"\necho "ECS_X=${VALUE}" >> /etc/ecs/ecs.config', 'a b'],
    ['by a variable that is not set there', 'echo ECS_X=$VALUE >> /etc/ecs/ecs.config', '? the instance works it out itself'],
    ['by a command', 'echo ECS_X=$(hostname) >> /etc/ecs/ecs.config', '? the instance works it out itself'],
    ['by a command in backquotes', 'echo ECS_X=`hostname` >> /etc/ecs/ecs.config', '? the instance works it out itself'],
    ['twice: the last one', 'echo ECS_X=1 >> x\necho ECS_X=2 >> x', '2'],
    ['empty', 'echo ECS_X= >> x', ''],
    ['in a comment', '#!/bin/bash\n# echo ECS_X=1 >> x', undefined],
    ['of another name', 'echo MY_ECS_X=1 ECS_XY=2 >> x', undefined],
    ['nowhere', '#!/bin/bash\nyum update -y', undefined],
    ['with Windows line ends', 'echo ECS_X=1 >> x\r\necho done', '1'],
    ['before a command in backquotes that ends a line', 'VALUE=`hostname`\necho ECS_X=1 >> x', '1'],
    ['on Windows after a line that ends in a path', '<powershell>\ncd C:\\\n$env:ECS_X = "1"\n</powershell>', '1'],
    ['in PowerShell', '<powershell>\n[Environment]::SetEnvironmentVariable("ECS_X", "true", "Machine")\n</powershell>', 'true'],
    ['in the environment of PowerShell', '<powershell>\n$env:ECS_X = "true"\n</powershell>', 'true'],
    ['as base64', Buffer.from('#!/bin/bash\necho ECS_X=1 >> /etc/ecs/ecs.config\n').toString('base64'), '1'],
  ])('%s', (_, text, expected) => {
    expect(setting(lines(text), 'ECS_X')).toBe(expected);
  });

  test.each<[string, string, string, string]>([
    ['Bottlerocket', '[settings.kernel]\nlockdown = "integrity"\n[settings.ecs]\ncluster = "prod"\nawsvpc-block-imds = true\n', 'ECS_AWSVPC_BLOCK_IMDS', 'true'],
    ['Bottlerocket', '[settings.ecs]\ncluster = "prod" # ours\n', 'ECS_CLUSTER', 'prod'],
    ['Windows', "<powershell>\nInitialize-ECSAgent -Cluster 'prod' -EnableTaskIAMRole -AwsvpcBlockIMDS\n</powershell>", 'ECS_CLUSTER', 'prod'],
    ['Windows', "<powershell>\nInitialize-ECSAgent -Cluster 'prod' -EnableTaskIAMRole -AwsvpcBlockIMDS\n</powershell>", 'ECS_AWSVPC_BLOCK_IMDS', 'true'],
    ['Windows', "<powershell>\nInitialize-ECSAgent -Cluster 'prod' -EnableTaskENI\n</powershell>", 'ECS_ENABLE_TASK_ENI', 'true'],
    ['Windows', '<powershell>\nInitialize-ECSAgent -Cluster a; Initialize-ECSAgent  -Cluster  "b"\n</powershell>', 'ECS_CLUSTER', 'b'],
    ['Windows, on lines that go on', '<powershell>\nInitialize-ECSAgent `\n  -Cluster prod `\r\n  -EnableTaskENI -AwsvpcBlockIMDS\n</powershell>', 'ECS_AWSVPC_BLOCK_IMDS', 'true'],
    ['Windows, on lines that go on', '<powershell>\nInitialize-ECSAgent `\n  -Cluster prod `\n  -EnableTaskENI\n</powershell>', 'ECS_CLUSTER', 'prod'],
  ])('goes by other names on %s', (_, text, name, expected) => {
    expect(setting(lines(text), name)).toBe(expected);
  });

  test('of another table of Bottlerocket is none', () => {
    const data = lines('[settings.ecs]\ncluster = "prod"\n[settings.host-containers.admin]\nawsvpc-block-imds = true\n');
    expect(setting(data, 'ECS_AWSVPC_BLOCK_IMDS')).toBeUndefined();
  });
});

describe('the cluster', () => {
  test.each<[string, Parts, Parts | undefined]>([
    ['is a reference', ['#!/bin/bash\necho ECS_CLUSTER=', CLUSTER, ' >> /etc/ecs/ecs.config'], [CLUSTER]],
    ['is a reference in quotes', ['#!/bin/bash\necho "ECS_CLUSTER=', CLUSTER, '" >> /etc/ecs/ecs.config'], [CLUSTER]],
    ['is literal', ['echo ECS_CLUSTER=prod >> x'], ['prod']],
    ['is made of parts', ['echo ECS_CLUSTER=', REGION, '-prod >> x'], [REGION, '-prod']],
    ['is a reference by way of a variable', ['ECS_NAME=', CLUSTER, '\necho ECS_CLUSTER=$ECS_NAME >> x'], [CLUSTER]],
    ['is that of Bottlerocket', ['[settings.ecs]\ncluster = "', CLUSTER, '"'], [CLUSTER]],
    ['is not said', ['#!/bin/bash'], undefined],
  ])('%s', (_, parts, expected) => {
    expect(readUserData(parts).cluster).toEqual(expected);
  });

  test('is known only at deployment as a value', () => {
    expect(setting(lines('ECS_CLUSTER=', CLUSTER), 'ECS_CLUSTER')).toBe('? Cluster is known only at deployment');
    expect(lines('ECS_CLUSTER=', OPEN).agentSetting('ECS_CLUSTER')).toEqual({ known: false, why: OPEN.why, identity: OPEN.identity });
    expect(lines('ECS_CLUSTER=a', OPEN).agentSetting('ECS_CLUSTER')).toEqual({ known: false, why: OPEN.why, identity: undefined });
  });
});

describe('what the text lacks', () => {
  const lacks = (data: UserData) => [setting(data, 'ECS_X'), valueOf(data.dockerBip), valueOf(data.dockerAddressPools), data.dropsMetadataRequests];
  const NOT_SET = [undefined, undefined, undefined, 'no'];

  test.each<[string, Parts]>([
    ['it is empty', []],
    ['it is literal', ['#!/bin/bash\nyum update -y']],
    ['an id stands in it', ['#!/bin/bash\n', CLUSTER, '\necho']],
    ['the Region stands in it', ['#!/bin/bash\n', REGION, '\n']],
    ['a value of another setting is unknown', ['echo ECS_CLUSTER=', OPEN, ' >> x']],
    ['a value in quotes is unknown', ['echo "ECS_CLUSTER=', OPEN, '" >> x']],
    ['the argument of an option is unknown', ['/opt/aws/bin/cfn-signal --stack ', OPEN, ' --resource Group']],
    ['the value of an option is unknown', ['cfn-signal --stack=', OPEN]],
    ['part of a path is unknown', ['aws s3 cp s3://', OPEN, '/file /tmp']],
    ['several parts of a word are unknown', ['cfn-signal --stack=', OPEN, '-', OPEN, OPEN, ' --resource Group']],
    ['a key of Bottlerocket is unknown', ['[settings.ecs]\ncluster = "', OPEN, '"']],
  ])('is surely not set where %s', (_, parts) => {
    expect(lacks(readUserData(parts))).toEqual(NOT_SET);
  });

  test.each<[string, Parts]>([
    ['a line is unknown', ['#!/bin/bash\n', OPEN, '\n']],
    ['a word behind another is unknown', ['cfn-signal --stack=', OPEN, ' ', OPEN]],
    ['a word is unknown on a line behind an option', ['cfn-signal --stack\n', OPEN]],
    ['what is echoed is unknown', ['#!/bin/bash\necho ', OPEN, ' >> /etc/ecs/ecs.config']],
    ['all of it is unknown', [OPEN]],
  ])('is unknown where %s', (_, parts) => {
    const why = `user data is not all literal: ${OPEN.why}`;
    expect(lacks(readUserData(parts))).toEqual([`? ${why}`, `? ${why}`, `? ${why}`, { known: false, why, identity: undefined }]);
  });

  test.each<[string, string]>([
    ['the agent\'s file', 'aws s3 cp s3://bucket/ecs.config /etc/ecs/ecs.config'],
    ['a download of it', 'curl -o /etc/ecs/ecs.config https://example.com/ecs.config'],
    ['a script', 'curl -s https://example.com/setup.sh | sudo bash'],
    ['a script that is run from its text', 'bash -c "$(curl -s https://example.com/setup.sh)"'],
    ['a script that is sourced', 'source /opt/setup.sh'],
    ['a script that is sourced further in', 'if true; then\n\t. /opt/setup.sh\nfi'],
  ])('is unknown where it takes in %s', (_, text) => {
    expect(setting(lines(`#!/bin/bash\n${text}\n`), 'ECS_X')).toBe('? user data takes settings from elsewhere');
  });

  test('is unknown of user data that is itself not given, and what it has is known all the same', () => {
    const data = unknownUserData('template is not given');
    expect(lacks(data)).toEqual(['? template is not given', '? template is not given', '? template is not given', { known: false, why: 'template is not given' }]);
    expect(setting(lines('echo ECS_X=1 >> x\n', OPEN), 'ECS_X')).toBe('1');
  });
});

describe('Docker\'s own network', () => {
  test.each<[string, string, string | undefined]>([
    ['is that of daemon.json', 'cat > /etc/docker/daemon.json <<EOF\n{ "bip": "192.168.250.1/24" }\nEOF', '192.168.250.1/24'],
    ['is that of an option', 'echo \'OPTIONS="--default-ulimit nofile=1024:4096 --bip=192.168.1.5/24"\' >> /etc/sysconfig/docker', '192.168.1.5/24'],
    ['is that of an option behind a space', 'DOCKER_OPTS="--bip 10.9.0.1/24 -H x"', '10.9.0.1/24'],
    ['is left alone', '#!/bin/bash', undefined],
    ['is not known where the file comes from elsewhere', 'aws s3 cp s3://bucket/daemon.json /etc/docker/daemon.json', '? daemon.json comes from elsewhere'],
  ])('%s', (_, text, expected) => {
    expect(valueOf(lines(text).dockerBip)).toBe(expected);
  });

  test('may be of pools', () => {
    const pools = '{ "default-address-pools": [ {"base": "10.10.0.0/16", "size": 24}, {"base": "10.11.0.0/16", "size": 24} ] }';
    expect(valueOf(lines(pools).dockerAddressPools)).toEqual(['10.10.0.0/16', '10.11.0.0/16']);
    expect(valueOf(lines('{ "default-address-pools": [ {"base": "', OPEN, '", "size": 24} ] }').dockerAddressPools)).toBe(`? ${OPEN.why}`);
  });

  test('may be known only at deployment', () => {
    expect(valueOf(lines('{ "bip": "', OPEN, '" }').dockerBip)).toBe(`? ${OPEN.why}`);
  });
});

describe('rules against instance metadata', () => {
  test.each<[string, string, 'yes' | 'no']>([
    ['those of the ECS guide', 'iptables --insert DOCKER-USER 1 --in-interface docker+ --destination 169.254.169.254/32 --jump DROP', 'yes'],
    ['short ones', 'sudo iptables -I DOCKER-USER -d 169.254.169.254 -j REJECT', 'yes'],
    ['one on two lines', 'iptables -I DOCKER-USER -d 169.254.169.254 \\\n  -j DROP', 'yes'],
    ['one in a comment', '# iptables -I DOCKER-USER -d 169.254.169.254 -j DROP', 'no'],
    ['one of another chain', 'iptables -I INPUT -d 169.254.169.254 -j DROP', 'no'],
    ['one of another address', 'iptables -I DOCKER-USER -d 169.254.170.2 -j DROP', 'no'],
    ['one that lets through', 'iptables -I DOCKER-USER -d 169.254.169.254 -j ACCEPT', 'no'],
  ])('%s', (_, text, expected) => {
    expect(lines(`#!/bin/bash\n${text}\n`).dropsMetadataRequests).toBe(expected);
  });
});

test.each<[string, UserData['operatingSystem']]>([
  ['#!/bin/bash\necho', 'linux'],
  ['#cloud-config\nruncmd: []', 'linux'],
  ['Content-Type: multipart/mixed; boundary="=="\nMIME-Version: 1.0\n', 'linux'],
  ['echo ECS_CLUSTER=prod >> /etc/ecs/ecs.config', 'linux'],
  ['<powershell>\nInitialize-ECSAgent\n</powershell>', 'windows'],
  ['<script>\necho\n</script>', 'windows'],
  ['[settings.ecs]\ncluster = "prod"', 'bottlerocket'],
  ['[settings]\nmotd = "x"', 'bottlerocket'],
  ['\n\n  [settings.ecs]\ncluster = "prod"', 'bottlerocket'],
  ['\n\n  #!/bin/bash\necho', 'linux'],
  ['', undefined],
])('%j is written for %s', (text, expected) => {
  expect(lines(text).operatingSystem).toBe(expected);
});

test('what is not literal is shown as such', () => {
  expect(lines('echo ECS_CLUSTER=', CLUSTER, ' >> x\n', OPEN).text).toBe('echo ECS_CLUSTER=… >> x\n…');
});

test('an instance may turn trunking on itself', () => {
  expect(lines('aws ecs put-account-setting --name awsvpcTrunking --value enabled').callsForTrunking).toBe(true);
  expect(lines('aws ecs put-account-setting --name containerInsights --value enabled').callsForTrunking).toBe(false);
});

test('text that only looks like base64 is read as it is', () => {
  expect(lines('abcdabcdabcdabcd').text).toBe('abcdabcdabcdabcd');
  expect(lines('ECSxCLUSTERxprod').text).toBe('ECSxCLUSTERxprod');
});

describe('a text of a megabyte is read in seconds, where going through the rest of it again and again would take many minutes:', () => {
  const filledWith = (text: string) => text.repeat(2 ** 20 / text.length);

  test.each<[string, Parts]>([
    ['blank lines', [filledWith('\n')]],
    ['blank lines of another kind', [filledWith('\u2028')]],
    ['spaces in a value', ['ECS_X=1', filledWith(' '), 'x']],
    ['spaces in a value of Bottlerocket', ['[settings.ecs]\ncluster = a', filledWith(' '), 'b']],
    ['one option after another on Windows', ['<powershell>\n', filledWith('Initialize-ECSAgent ')]],
    ['one command after another', [filledWith('cp ')]],
    ['one call after another', [filledWith('put-account-setting ')]],
    ['one setting after another', [filledWith('ECS_X=1 ')]],
    ['one list after another that does not end', [filledWith('default-address-pools:[')]],
    ['a long path, and something unknown', [filledWith('/'), ' x=', OPEN]],
    ['many things unknown in a word', ['x=', ...Array<Undecided>(100_000).fill(OPEN)]],
    ['many things unknown in a line', Array<Parts>(100_000).fill([' x=', OPEN]).flat()],
  ])('%s', (_, parts) => {
    expect(() => runInNewContext('read()', { read: () => readUserData(parts) }, { timeout: 60_000 })).not.toThrow();
  }, 120_000);
});
