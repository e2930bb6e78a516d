/*
 * Prints the decoder's view of each 32-byte slot of a file: "length text". Usage: dump MODE FILE, MODE being 2, 4 or 8.
 */
#include <stdio.h>
#include <stdlib.h>

#include "translator/insn.h"

int main(int argc, char **argv)
{
	unsigned char slot[32];
	unsigned long address = 0;
	FILE *f = argc == 3 ? fopen(argv[2], "rb") : NULL;

	if (!f)
		return 2;
	for (; fread(slot, sizeof(slot), 1, f) == 1; address += sizeof(slot)) {
		struct insn insn;
		char text[256];
		int len = insn_decode(&insn, slot, sizeof(slot), atoi(argv[1]));

		if (len > 0)
			insn_format(text, sizeof(text), &insn, address);
		printf("%d %s\n", len, len > 0 ? text : "");
	}
	return 0;
}
