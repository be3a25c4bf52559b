using System.CommandLine;
using CS3103P2P.Samples;
using CS3103P2P.Samples.Tracker;

// p2p-tracker: tells peers of each other. Messages go to standard error.
RootCommand root = TrackerCommand.Create();
ParseResult parsed = root.Parse(args);
var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TrackerRun.StopPatience + TimeSpan.FromSeconds(10) };
int exitCode = await parsed.InvokeAsync(invocation);
return parsed.Errors.Count > 0 ? ExitCodes.WrongUsage : exitCode;
