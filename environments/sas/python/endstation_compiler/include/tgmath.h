#pragma once
#define NAN (0.0 / 0.0)
#define INFINITY (1.0 / 0.0)
#define isnan(x) ((x) != (x))
#define isinf(x) (!isnan(x) && isnan((x) - (x)))
#define isfinite(x) (!isnan((x) - (x)))
double acos(double), acosh(double), asin(double), asinh(double), atan(double), atan2(double, double), atanh(double);
double cbrt(double), ceil(double), copysign(double, double), cos(double), cosh(double), erf(double), erfc(double);
double exp(double), exp2(double), expm1(double), fabs(double), floor(double), fmax(double, double), fmin(double, double);
double fmod(double, double), hypot(double, double), j0(double), j1(double), jn(int, double), ldexp(double, int);
double lgamma(double), log(double), log10(double), log1p(double), log2(double), pow(double, double), rint(double);
double round(double), sin(double), sinh(double), sqrt(double), tan(double), tanh(double), tgamma(double), trunc(double);
