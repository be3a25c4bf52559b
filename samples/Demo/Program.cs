using CS3103P2P.Samples.Demo;

// Everything in one process: a tracker with a STUN responder, three peers that share a file, and one that downloads it from them.
// dotnet run -c Release --project samples/Demo [-- PATH]
using var interrupted = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    interrupted.Cancel();
};
return await DemoRun.RunAsync(args, interrupted.Token);
