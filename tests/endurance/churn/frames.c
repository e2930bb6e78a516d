#include "bench/x86/layout.h"
#include "bench/x86/traps.h"
#include "tests/endurance/churn/churn.h"

struct frame frames[FRAMES];
/* Those that are free, the one that has been so for longest first. */
static uint16_t queue[FRAMES];
static unsigned first, nfree;

void frames_init(void)
{
	for (unsigned f = 1; f < FRAMES; f++)
		queue[nfree++] = (uint16_t)f;
}

void frames_all_free(void)
{
	if (nfree != FRAMES - 1)
		give_up("frames that nobody gave back: ", FRAMES - 1 - nfree);
}

uint8_t *frame_memory(unsigned f)
{
	return (uint8_t *)ARENA + (uintptr_t)f * PAGE;
}

unsigned frame_take(uint32_t stamp)
{
	unsigned f = queue[first];

	if (!nfree)
		give_up("no frame is free ", 0);
	first = (first + 1) % FRAMES;
	nfree--;
	frames[f] = (struct frame){ .stamp = stamp, .refs = 1 };
	poke((uintptr_t)frame_memory(f), stamp);
	poke((uintptr_t)frame_memory(f) + PAGE - 4, stamp);
	return f;
}

void frame_release(unsigned f)
{
	if (--frames[f].refs)
		return;
	queue[(first + nfree++) % FRAMES] = (uint16_t)f;
}
