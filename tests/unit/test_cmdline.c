// SOURCES: cmdline.c
/*
 * The command line: values, and words that must have no effect.
 */
#include <stdio.h>
#include <string.h>

#include "cmdline.h"
#include "tests/unit/check.h"

#define MIB (1ull << 20)

static struct options parse(const char *line)
{
	struct options o;

	cmdline_parse(line, &o);
	return o;
}

static void defaults(const char *line)
{
	struct options o = parse(line);

	CHECK(o.memory == UINT64_MAX && o.cache == 0 && !o.verbose && !o.bioslog && !o.profile);
}

int main(void)
{
	char big[5000];

	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = 0;
	defaults("");
	defaults("  \t\n ");
	defaults(big);
	defaults("= =x mem mem= mem=x mem=1 mem=-1 mem=1M2 mem=16MM mem=99999999999999999999 mem=17179869184G MEM=1G memo=1G mem =64M");
	defaults("cache=3M cache=128M cache=512K cache= cache verbose=1 bioslog=0 profile=2 Verbose verbosely");
	defaults("BOOT_IMAGE=(hd0,gpt1)/fw.efi initrd=0x1000 rd_start=0x9000000 rd_size=12");
	CHECK(parse("mem=16M").memory == 16 * MIB);
	CHECK(parse("x mem=2g y").memory == 2048 * MIB);
	CHECK(parse("mem=0x10000000").memory == 256 * MIB);
	CHECK(parse("mem=65536K mem=bad").memory == 64 * MIB);
	CHECK(parse("mem=32M\tmem=64M").memory == 64 * MIB);
	CHECK(parse("cache=1M").cache == MIB);
	CHECK(parse("verbose").verbose);
	CHECK(parse("x bioslog").bioslog);
	CHECK(parse("profile").profile);
	CHECK(parse("\nverbose mem=1G").verbose);
	return report();
}
