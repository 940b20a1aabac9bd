import { Stack, Token } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { imageSource } from '../../src/endpoints/container-image';
import { knownText, masked } from '../../src/network/private/known-text';

const label = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const repository = fc.array(label, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const publicHost = fc.constantFrom('docker.io', 'public.ecr.aws', 'quay.io', 'ghcr.io', 'eu.gcr.io', 'registry.k8s.io');
const host = fc.oneof(publicHost, fc.constantFrom('111111111111.dkr.ecr.eu-west-1.amazonaws.com', 'registry.example.com', 'localhost:5000'));
const name = fc.oneof(repository, fc.tuple(host, repository).map((parts) => parts.join('/')));
const reference = fc.oneof(label.map((tag) => `:${tag}`), label.map((digest) => `@sha256:${digest}`), fc.constant(':${Tag}'));

test('neither a tag nor a digest changes where an image comes from', () => {
  fc.assert(fc.property(name, reference, (image, suffix) => {
    expect(imageSource(image + suffix)).toEqual(imageSource(image));
  }));
});

test('an image of an unknown registry is never said to be on the internet, whatever is known around the unknown', () => {
  const around = fc.constantFrom('', 'docker.io', 'quay.io', '.quay.io', 'public.ecr.aws', 'x.');
  fc.assert(fc.property(around, around, repository, (before, after, path) => {
    expect(imageSource(`${before}\${Registry}${after}/${path}`).from).toBe('unknown');
  }));
});

test('every image has one source, and one of Docker Hub is found with its host as without it', () => {
  fc.assert(fc.property(repository, (path) => {
    expect(imageSource(`docker.io/${path}`)).toEqual(imageSource(path));
  }));
});

test('text that is known stays as it is, and what is not known is all that is masked', () => {
  const stack = new Stack();
  const piece = fc.oneof(label, fc.constant(undefined));
  fc.assert(fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
    const value = pieces.map((text) => text ?? Token.asString({ 'Fn::ImportValue': 'Export' })).join('.');
    expect(masked(knownText(stack, value))).toBe(pieces.map((text) => text ?? '…').join('.'));
  }));
});
