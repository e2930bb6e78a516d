/* The third part: a state machine scans numbers in a text; and the CRC that all use. */
#include "bench/kernels/core.h"

enum state { START, INVALID, S1, S2, INTEGER, FLOAT, EXPONENT, SCIENTIFIC, STATES };

static char text[256];
static const char *const words[] = { "5012", "1234", "-874", "+122", "35.54400", ".1234500", "-110.700", "+0.64400", "5.500e+3", "-.123e-2", "-87e+832",
	"+0.6e-12", "T0.3e-1F", "-T.T++Tq", "1T3.4e4z", "34.0e-T^" };

uint16_t crc16(uint8_t byte, uint16_t crc)
{
	for (int k = 0; k < 8; k++) {
		uint8_t carry = (byte ^ crc) & 1;

		byte >>= 1;
		crc >>= 1;
		if (carry)
			crc ^= 0xa001;
	}
	return crc;
}

static void compose(uint32_t seed)
{
	unsigned at = 0;

	while (at < sizeof text - 12) {
		const char *word = words[next_random(&seed) & 15];

		while (*word)
			text[at++] = *word++;
		text[at++] = ',';
	}
	text[at] = 0;
}

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static enum state next_state(const char **from, uint32_t *transitions)
{
	const char *p = *from;
	enum state state = START;

	for (; *p && state != INVALID; p++) {
		char c = *p;

		if (c == ',') {
			p++;
			break;
		}
		switch (state) {
		case START:
			state = is_digit(c) ? INTEGER : c == '+' || c == '-' ? S1 : c == '.' ? FLOAT : INVALID;
			transitions[START]++;
			break;
		case S1:
			state = is_digit(c) ? INTEGER : c == '.' ? FLOAT : INVALID;
			transitions[S1]++;
			break;
		case INTEGER:
			if (c == '.') {
				state = FLOAT;
				transitions[INTEGER]++;
			} else if (!is_digit(c)) {
				state = INVALID;
				transitions[INTEGER]++;
			}
			break;
		case FLOAT:
			if (c == 'e' || c == 'E') {
				state = S2;
				transitions[FLOAT]++;
			} else if (!is_digit(c)) {
				state = INVALID;
				transitions[FLOAT]++;
			}
			break;
		case S2:
			state = c == '+' || c == '-' ? EXPONENT : INVALID;
			transitions[S2]++;
			break;
		case EXPONENT:
			state = is_digit(c) ? SCIENTIFIC : INVALID;
			transitions[EXPONENT]++;
			break;
		case SCIENTIFIC:
			if (!is_digit(c)) {
				state = INVALID;
				transitions[INVALID]++;
			}
			break;
		default:
			break;
		}
	}
	*from = p;
	return state;
}

uint16_t core_state(uint32_t seed)
{
	uint32_t finals[STATES] = { 0 }, transitions[STATES] = { 0 };
	uint16_t crc = 0;

	compose(seed);
	for (const char *p = text; *p;)
		finals[next_state(&p, transitions)]++;
	for (unsigned k = 0; k < sizeof text - 12; k += 7)
		if (text[k] != ',')
			text[k] ^= 1;
	for (const char *p = text; *p;)
		finals[next_state(&p, transitions)]++;
	for (int k = 0; k < STATES; k++)
		crc = crc16((uint8_t)(finals[k] + 3 * transitions[k]), crc);
	return crc;
}
