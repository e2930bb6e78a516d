#include "cmdline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB (1ull << 20)
#define BLANKS " \t\r\n"
#define WORD_MAX 128

#define MEMORY_MIN (16 * MIB)

/* A decimal or 0x number with K, M, G or nothing behind it. 0 or -EINVAL. */
static int parse_size(const char *text, uint64_t *size)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;
	int shift = 0;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*size = strtoull(text, &end, 0);
	if (errno)
		return -EINVAL;
	unit = *end ? strchr(units, *end & ~0x20) : NULL;
	if (unit) {
		shift = 10 * (int)(unit - units + 1);
		end++;
	}
	if (*end || *size > UINT64_MAX >> shift)
		return -EINVAL;
	*size <<= shift;
	return 0;
}

static int set_memory(struct options *o, const char *value)
{
	uint64_t size;

	if (!value || parse_size(value, &size) || size < MEMORY_MIN)
		return -EINVAL;
	o->memory = size;
	return 0;
}

static int set_cache(struct options *o, const char *value)
{
	uint64_t size;

	if (!value || parse_size(value, &size) || size < CACHE_MIN || size > CACHE_MAX || size & (size - 1))
		return -EINVAL;
	o->cache = size;
	return 0;
}

static int set_verbose(struct options *o, const char *value)
{
	if (value)
		return -EINVAL;
	o->verbose = true;
	return 0;
}

static int set_bioslog(struct options *o, const char *value)
{
	if (value)
		return -EINVAL;
	o->bioslog = true;
	return 0;
}

static int set_profile(struct options *o, const char *value)
{
	if (value)
		return -EINVAL;
	o->profile = true;
	return 0;
}

/* Words that loaders add for the kernels they know. */
static int ignore(struct options *o, const char *value)
{
	(void)o;
	(void)value;
	return 0;
}

static const struct {
	const char *name;
	int (*set)(struct options *o, const char *value); /* value: NULL without "="; 0 or -EINVAL */
	const char *wanted;
} words[] = {
	{ "mem", set_memory, "mem=SIZE, at least 16M" },
	{ "cache", set_cache, "cache=SIZE, a power of two from 1M to 64M" },
	{ "verbose", set_verbose, "verbose, without a value" },
	{ "bioslog", set_bioslog, "bioslog, without a value" },
	{ "profile", set_profile, "profile, without a value" },
	{ "BOOT_IMAGE", ignore, "" },
	{ "initrd", ignore, "" },
	{ "rd_start", ignore, "" },
	{ "rd_size", ignore, "" },
};

static void take_word(struct options *o, char *word)
{
	char *value = strchr(word, '=');

	if (value)
		*value++ = 0;
	for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(word, words[i].name))
			continue;
		if (words[i].set(o, value))
			printf("command line: %s=%s is ignored, wanted: %s\n", word, value ? value : "", words[i].wanted);
		return;
	}
	printf("command line: unknown word %s is ignored\n", word);
}

void cmdline_parse(const char *line, struct options *options)
{
	*options = (struct options){ .memory = UINT64_MAX };
	while (*(line += strspn(line, BLANKS))) {
		size_t n = strcspn(line, BLANKS);
		char word[WORD_MAX];

		snprintf(word, sizeof word, "%.*s", n < sizeof word ? (int)n : (int)sizeof word, line);
		take_word(options, word);
		line += n;
	}
}
