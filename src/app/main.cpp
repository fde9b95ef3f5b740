#include "app/cli/cli.hpp"

int main(int argc, char** argv) { return wrapup::run_program(argc, argv); }
