/* The product of matrices with two doubles at a time. */
#include "bench/kernels/real.h"

#define SIDE 24

typedef double pair __attribute__((vector_size(16)));

static double a[SIDE][SIDE];
static pair b[SIDE][SIDE / 2], c[SIDE][SIDE / 2];

static void setup(void)
{
	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++) {
			a[i][j] = (i * 7 + j * 3) % 11 / 8.0 + 0.1;
			b[i][j / 2][j % 2] = (i * 5 + j * 2) % 13 / 16.0 - 0.3;
		}
}

static uint32_t run(uint32_t n)
{
	uint32_t sum = 0;

	while (n--) {
		for (int i = 0; i < SIDE; i++)
			for (int j = 0; j < SIDE / 2; j += 4) {
				pair dot[4] = { { 0 } };

				for (int k = 0; k < SIDE; k++) {
					pair both = { a[i][k], a[i][k] };

					for (int m = 0; m < 4; m++)
						dot[m] += both * b[k][j + m];
				}
				for (int m = 0; m < 4; m++)
					c[i][j + m] = dot[m];
			}
		sum = mix_real(sum, (const double *)&c[n % SIDE][3]);
	}
	return sum;
}

KERNEL(matrix_packed, .name = "matrix-packed", .group = "sse", .unit = "product", .setup = setup, .run = run, .n = 20, .units = 1);
