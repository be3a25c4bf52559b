using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace CS3103P2P.Interop.Support;

/// <summary>Network namespaces of one test's own, with the programs in them; disposing ends and removes everything.</summary>
internal sealed class NamespaceLab : IAsyncDisposable
{
    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(30);
    private readonly string _prefix = "cs" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    private readonly List<string> _namespaces = [];
    private readonly ConcurrentBag<LabProgram> _programs = [];

    /// <summary>A folder for configuration and sockets, removed at the end.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("cs3103p2p-lab-").FullName;

    /// <summary>Makes the calling test inconclusive unless it runs as root with these programs installed.</summary>
    public static void Require(params string[] programs)
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("Network namespaces are a thing of Linux.");
        if (!Environment.IsPrivilegedProcess) Assert.Inconclusive("Needs root for network namespaces.");
        string[] folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
        foreach (string program in programs.Append("ip"))
        {
            if (!folders.Any(folder => File.Exists(Path.Combine(folder, program)))) Assert.Inconclusive($"The program {program} is not installed.");
        }
    }

    /// <summary>Makes a namespace; the name is the test's, the system sees a unique one.</summary>
    public async Task AddAsync(string name)
    {
        await RunAsync("ip", "netns", "add", NameOf(name));
        _namespaces.Add(name);
        await InAsync(name, "ip", "link", "set", "lo", "up");
    }

    /// <summary>Joins two namespaces by a cable with an interface and an address (with prefix length) at each end.</summary>
    public async Task LinkAsync(string left, string leftInterface, string leftAddress, string right, string rightInterface, string rightAddress)
    {
        await RunAsync("ip", "link", "add", leftInterface, "netns", NameOf(left), "type", "veth", "peer", "name", rightInterface, "netns", NameOf(right));
        foreach ((string name, string network, string address) in new[] { (left, leftInterface, leftAddress), (right, rightInterface, rightAddress) })
        {
            await InAsync(name, "ip", "addr", "add", address, "dev", network);
            await InAsync(name, "ip", "link", "set", network, "up");
        }
    }

    /// <summary>Runs a command in a namespace and returns what it printed.</summary>
    public Task<string> InAsync(string name, params string[] command) => RunAsync("ip", ["netns", "exec", NameOf(name), .. command]);

    /// <summary>Starts a program in a namespace.</summary>
    public LabProgram Start(string name, params string[] command)
    {
        var program = LabProgram.Start("ip", ["netns", "exec", NameOf(name), .. command]);
        _programs.Add(program);
        return program;
    }

    /// <summary>Starts a command of the product's test program in a namespace.</summary>
    public LabProgram StartAgent(string name, params string[] arguments) =>
        Start(name, ["dotnet", Path.Combine(AppContext.BaseDirectory, "CS3103P2P.Interop.Agent.dll"), .. arguments]);

    public async ValueTask DisposeAsync()
    {
        // One step that fails must not keep the others from being taken.
        var failures = new List<Exception>();
        foreach (LabProgram program in _programs) await TryAsync(() => program.DisposeAsync().AsTask(), failures);
        foreach (string name in _namespaces) await TryAsync(() => RunAsync("ip", "netns", "del", NameOf(name)), failures);
        Directory.Delete(Folder, recursive: true);
        if (failures.Count > 0) throw new AggregateException("The lab could not be taken down.", failures);
    }

    private static async Task TryAsync(Func<Task> step, List<Exception> failures)
    {
        try
        {
            await step();
        }
        catch (Exception failure) when (failure is InvalidOperationException or OperationCanceledException)
        {
            failures.Add(failure);
        }
    }

    private static async Task<string> RunAsync(string file, params string[] arguments)
    {
        using var limit = new CancellationTokenSource(CommandLimit);
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = new StringBuilder();
        Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
        output.Append(await process.StandardOutput.ReadToEndAsync(limit.Token));
        await process.WaitForExitAsync(limit.Token);
        if (process.ExitCode != 0) throw new InvalidOperationException($"{file} {string.Join(' ', arguments)}: {await errors}");
        return output.ToString();
    }

    private string NameOf(string name) => _prefix + name;
}
