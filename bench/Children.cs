using System.Diagnostics;
using System.Globalization;
using System.Net;
using CS3103P2P.Bench.Load;

namespace CS3103P2P.Bench;

/// <summary>What this program does when it is one side of a transfer.</summary>
internal static class Children
{
    public static async Task<int> RunAsync(string[] args)
    {
        switch (args)
        {
            case ["ssl-send", string bytes]: await SslYardstick.SendAsync(long.Parse(bytes, CultureInfo.InvariantCulture)); break;
            case ["ssl-receive", string port]: await SslYardstick.ReceiveAsync(int.Parse(port, CultureInfo.InvariantCulture)); break;
            case ["record-send", string records]: await RecordYardstick.SendAsync(Number(records)); break;
            case ["record-receive", string port, string records]: await RecordYardstick.ReceiveAsync((int)Number(port), Number(records)); break;
            case ["stream-send", string kind, string bytes, .. string[] local]: await StreamChildren.SendAsync(Kind(kind), Number(bytes), Local(local)); break;
            case ["stream-receive", string kind, string address]: await StreamChildren.ReceiveAsync(Kind(kind), IPEndPoint.Parse(address)); break;
            case ["stream-receive", string kind, string address, string from, string until]:
                await StreamChildren.ReceiveBetweenAsync(Kind(kind), IPEndPoint.Parse(address), Number(from), Number(until));
                break;
            case ["echo", string local]: await DelayProbe.EchoAsync(IPAddress.Parse(local)); break;
            case ["probe", string echo, string from, string until]: await DelayProbe.MeasureAsync(IPEndPoint.Parse(echo), Number(from), Number(until)); break;
            case ["swarm-share", string tracker, string limit, string connections, .. string[] paths]:
                await SwarmChildren.ShareAsync(tracker, Number(limit), (int)Number(connections), paths);
                break;
            case ["swarm-get", string tracker, string limit, string warmUp, string name, string output]:
                await SwarmChildren.GetAsync(tracker, Number(limit), warmUp, name, output);
                break;
            case ["load", string kind, string server, string id, string window, string seconds, string number, string warmUp]:
                LoadChildren.Generate(kind, IPEndPoint.Parse(server), (int)Number(id), (int)Number(window), double.Parse(seconds, CultureInfo.InvariantCulture), (int)Number(number), (int)Number(warmUp));
                break;
            case ["tracker-server", string files, string peers, string lease]: await TrackerChild.ServeAsync((int)Number(files), (int)Number(peers), (int)Number(lease)); break;
            case ["snapshot-server", string files, string peers, string path]: await SnapshotChild.ServeAsync((int)Number(files), (int)Number(peers), path); break;
            case ["killed-prepare", string files, string peers, string path]: await KilledChild.PrepareAsync((int)Number(files), (int)Number(peers), path); break;
            case ["killed-server", string path]: await KilledChild.ServeAsync(path); break;
            case ["crowd", string port, string count, string name]: await Crowd.RunAsync((int)Number(port), (int)Number(count), name); break;
            default: return 2;
        }

        return 0;
    }

    public static void Print(string key, FormattableString value) => Console.WriteLine($"{key} {FormattableString.Invariant(value)}");

    public static void PrintOwnFigures(long allocatedBefore, TimeSpan cpuBefore, TimeSpan kernelBefore = default)
    {
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - allocatedBefore;
        using var self = Process.GetCurrentProcess();
        Print("cpu", $"{(self.TotalProcessorTime - cpuBefore).TotalSeconds}");
        Print("kernel", $"{(self.PrivilegedProcessorTime - kernelBefore).TotalSeconds}");
        Print("allocated", $"{allocated}");
        Print("peak", $"{self.PeakWorkingSet64}");
    }

    public static TimeSpan CpuTime()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }

    public static TimeSpan KernelTime()
    {
        using var self = Process.GetCurrentProcess();
        return self.PrivilegedProcessorTime;
    }

    public static Task UntilToldAsync() => Console.In.ReadToEndAsync();

    private static StreamKind Kind(string name) => Enum.Parse<StreamKind>(name);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static IPAddress Local(string[] address) => address.Length == 0 ? IPAddress.Loopback : IPAddress.Parse(address[0]);
}
