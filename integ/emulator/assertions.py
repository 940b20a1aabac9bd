"""A line for each assertion, and what was there instead where one does not hold."""


class Assertions:
    def __init__(self):
        self.failed = 0

    def equal(self, words, got, wanted):
        self.true(words, got == wanted, f'{got!r}, where {wanted!r} is wanted')

    def true(self, words, holds, instead):
        print(f'ok   {words}' if holds else f'NOT  {words}\n     got {instead}', flush=True)
        self.failed += 0 if holds else 1

    def about(self, example):
        return About(self, example)


class About:
    """The same under the name of an example."""

    def __init__(self, assertions, example):
        self.assertions, self.example = assertions, example

    def equal(self, words, got, wanted):
        self.assertions.equal(f'{self.example}: {words}', got, wanted)

    def true(self, words, holds, instead=False):
        self.assertions.true(f'{self.example}: {words}', holds, instead)
