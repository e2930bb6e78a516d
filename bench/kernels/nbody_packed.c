/* The planets' motion with two coordinates at a time. */
#include "bench/kernels/bodies.h"

typedef double pair __attribute__((vector_size(16)));

static struct {
	pair at[2], v[2];
	double mass;
} bodies[BODIES];

static void setup(void)
{
	for (int k = 0; k < BODIES; k++)
		for (int j = 0; j < 2; j++) {
			bodies[k].at[j] = (pair){ first_bodies[k].at[2 * j], first_bodies[k].at[2 * j + 1] };
			bodies[k].v[j] = (pair){ first_bodies[k].v[2 * j], first_bodies[k].v[2 * j + 1] };
			bodies[k].mass = first_bodies[k].mass;
		}
}

static uint32_t run(uint32_t n)
{
	const pair step = { STEP, STEP };
	uint32_t sum = 0;

	while (n--) {
		for (int i = 0; i < BODIES; i++)
			for (int j = i + 1; j < BODIES; j++) {
				pair low = bodies[i].at[0] - bodies[j].at[0], high = bodies[i].at[1] - bodies[j].at[1];
				pair squares = low * low + high * high;
				double squared = squares[0] + squares[1], factor = STEP / (squared * __builtin_sqrt(squared));
				double p = bodies[i].mass * factor, q = bodies[j].mass * factor;

				bodies[i].v[0] -= low * (pair){ q, q };
				bodies[i].v[1] -= high * (pair){ q, q };
				bodies[j].v[0] += low * (pair){ p, p };
				bodies[j].v[1] += high * (pair){ p, p };
			}
		for (int i = 0; i < BODIES; i++)
			for (int j = 0; j < 2; j++)
				bodies[i].at[j] += step * bodies[i].v[j];
	}
	for (int i = 0; i < BODIES; i++)
		sum = mix_real(sum, (const double *)&bodies[i].at[0]);
	return sum;
}

KERNEL(nbody_packed, .name = "nbody-packed", .group = "sse", .unit = "step", .setup = setup, .run = run, .n = 300, .units = 1);
