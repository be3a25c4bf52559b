using System.Diagnostics;
using System.Globalization;
using CS3103P2P.NatLab;

namespace CS3103P2P.Bench;

/// <summary>This program, started once more as one side of a transfer. It prints lines `key value`; the last ones are its own figures.</summary>
internal sealed class Child : IDisposable
{
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(5);
    private readonly Process _process;

    private Child(Process process) => _process = process;

    public static Child Start(params string[] args) => new(Launch(args));

    /// <summary>The same in a network namespace: a process starts where the thread is that forks it.</summary>
    public static Child StartIn(NamespaceThread where, params string[] args) => new(where.Run(() => Launch(args)));

    /// <summary>Reads lines until one has the key; its value.</summary>
    public async Task<string> ReadAsync(string key)
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith($"{key} ", StringComparison.Ordinal)) return line[(key.Length + 1)..];
        }

        throw new InvalidOperationException($"The child ended without {key}.");
    }

    public async Task<double> ReadNumberAsync(string key) => double.Parse(await ReadAsync(key), CultureInfo.InvariantCulture);

    /// <summary>Sends the child a line.</summary>
    public void Tell(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Tells the child to end.</summary>
    public void Stop() => _process.StandardInput.Close();

    /// <summary>Tells the child to end and gives it time to leave the tracker, which would list it on.</summary>
    public async Task EndAsync()
    {
        Stop();
        await Task.WhenAny(_process.WaitForExitAsync(), Task.Delay(TimeToEnd));
        Dispose();
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();   // until then its files are its own
        _process.Dispose();
    }

    /// <summary>Adds up the figures that both children print at their end.</summary>
    public static async Task<Measurement> MeasureAsync(Child sender, Child receiver)
    {
        double seconds = await receiver.ReadNumberAsync("seconds");
        double cpu = await receiver.ReadNumberAsync("cpu");
        double allocated = await receiver.ReadNumberAsync("allocated");
        double peak = await receiver.ReadNumberAsync("peak");
        sender.Stop();
        cpu += await sender.ReadNumberAsync("cpu");
        allocated += await sender.ReadNumberAsync("allocated");
        return new Measurement(seconds, cpu, (long)allocated, (long)peak);
    }

    private static Process Launch(string[] args)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardInput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(Child).Assembly.Location);
        start.ArgumentList.Add("child");
        foreach (string argument in args) start.ArgumentList.Add(argument);
        return Process.Start(start) ?? throw new InvalidOperationException("The child did not start.");
    }
}
