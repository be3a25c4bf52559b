using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace CS3103P2P.NatLab;

/// <summary>A computer in the lab: a network namespace with one interface, <c>eth0</c>.</summary>
public sealed class LabHost
{
    private readonly ConcurrentBag<Process> _processes = [];

    internal LabHost(string namespaceName, IPAddress gateway, IReadOnlyList<IPAddress> addresses)
    {
        NamespaceName = namespaceName;
        Name = NamespaceNames.NodeOf(namespaceName);
        Gateway = gateway;
        Addresses = addresses;
        Thread = new NamespaceThread(namespaceName);
    }

    /// <summary>Short name, such as <c>h1a</c> (first host of the first home) or <c>s1</c> (first server).</summary>
    public string Name { get; }

    /// <summary>The name that <c>ip netns</c> knows.</summary>
    public string NamespaceName { get; }

    /// <summary>The host's own address (behind a NAT: the private one).</summary>
    public IPAddress Address => Addresses[0];

    /// <summary>All own addresses; a server may have several.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; internal set; }

    /// <summary>The router's address on this host's network.</summary>
    public IPAddress Gateway { get; }

    internal NamespaceThread Thread { get; }

    /// <summary>Runs code whose sockets belong to this host. They may be used from anywhere afterwards.</summary>
    public void Run(Action action) => Thread.Run(() =>
    {
        action();
        return true;
    });

    /// <inheritdoc cref="Run(Action)"/>
    public T Run<T>(Func<T> function) => Thread.Run(function);

    /// <summary>
    /// Runs asynchronous code on this host. Continuations come back to the host's thread, so sockets made after an await belong to the host
    /// too, except in code that leaves the context (ConfigureAwait(false), Task.Run).
    /// </summary>
    public Task<T> RunAsync<T>(Func<Task<T>> function) => Thread.RunAsync(function);

    /// <inheritdoc cref="RunAsync{T}(Func{Task{T}})"/>
    public Task RunAsync(Func<Task> function) => Thread.RunAsync(async () =>
    {
        await function();
        return true;
    });

    /// <summary>Starts a program on this host with its outputs redirected. It is killed, at the latest, when the lab is disposed.</summary>
    public Process Start(string program, params string[] arguments) => Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    });

    /// <inheritdoc cref="Start(string, string[])"/>
    public Process Start(ProcessStartInfo program)
    {
        ArgumentNullException.ThrowIfNull(program);
        if (program.Arguments.Length > 0) throw new ArgumentException("Use ArgumentList, not Arguments.", nameof(program));
        string[] arguments = ["netns", "exec", NamespaceName, program.FileName, .. program.ArgumentList];
        program.ArgumentList.Clear();
        foreach (string argument in arguments) program.ArgumentList.Add(argument);
        program.FileName = "ip";
        var process = Process.Start(program) ?? throw new InvalidOperationException($"{arguments[3]} did not start.");
        _processes.Add(process);
        return process;
    }

    internal void Stop()
    {
        // One that has just started is not in the namespace yet: `ip` goes there first.
        foreach (var process in _processes) End(process);
        Leftovers.KillProcessesIn(Leftovers.IdentityOf(Thread));
        Thread.Dispose();
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // Whoever started it has disposed of it.
            return;
        }

        process.Dispose();
    }
}
