/* The second part: small integer matrices are added, multiplied, and their bits extracted. */
#include "bench/kernels/core.h"

#define SIDE 9

static int16_t a[SIDE][SIDE], b[SIDE][SIDE];
static int32_t c[SIDE][SIDE];

static void fill(uint32_t seed)
{
	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++) {
			a[i][j] = (int16_t)(next_random(&seed) & 0xff);
			b[i][j] = (int16_t)(next_random(&seed) & 0xff);
		}
}

static int16_t sum_above(int32_t clip)
{
	int32_t sum = 0, last = 0;
	int16_t result = 0;

	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++) {
			sum += c[i][j];
			if (sum > clip) {
				result = (int16_t)(result + 10);
				sum = 0;
			} else {
				result = (int16_t)(result + (c[i][j] > last));
			}
			last = c[i][j];
		}
	return result;
}

static void add_constant(int16_t v)
{
	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++)
			a[i][j] = (int16_t)(a[i][j] + v);
}

static void multiply_constant(int16_t v)
{
	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++)
			c[i][j] = a[i][j] * v;
}

static void multiply_vector(void)
{
	for (int i = 0; i < SIDE; i++) {
		c[i][0] = 0;
		for (int j = 0; j < SIDE; j++)
			c[i][0] += a[i][j] * b[0][j];
	}
}

static void multiply(int bits)
{
	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++) {
			c[i][j] = 0;
			for (int k = 0; k < SIDE; k++) {
				int32_t product = a[i][k] * b[k][j];
				c[i][j] += bits ? (product >> 2 & 0xf) * (product >> 5 & 0x7f) : product;
			}
		}
}

uint16_t core_matrix(uint32_t seed)
{
	uint16_t crc = 0;

	fill(seed);
	add_constant(7);
	multiply_constant(3);
	crc = crc16((uint8_t)sum_above(2000), crc);
	multiply_vector();
	crc = crc16((uint8_t)sum_above(2000), crc);
	multiply(0);
	crc = crc16((uint8_t)sum_above(2000), crc);
	multiply(1);
	crc = crc16((uint8_t)sum_above(2000), crc);
	add_constant(-7);
	return crc;
}
