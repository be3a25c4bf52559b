using System.Diagnostics;
using System.Net;

namespace CS3103P2P.NatLab;

/// <summary>
/// The real tracker, with STUN and relay, against a host that sends in other hosts' names. Victims' bytes are counted in their kernels; what honest peers
/// have registered is compared with what it was; honest peers ask all the while.
/// </summary>
public sealed class SpoofScenario : IAsyncDisposable
{
    private const int StunPort = 3478, RelayPort = 3480, TrackerPort = 80, PeerPort = 6881, FirstVictimPort = 7000;
    private const int LiteralBytesPerSecond = 16_384, LiteralBurstSeconds = 4, NetworkFactor = 16;   // docs/operations.md, "What a forger gets"
    private const int MaxUnprovenAmplification = 3;
    private const int Entries = 2_000;   // few, so that a flood could fill it
    private const int MaxCatchUp = 400;  // datagrams at once after the machine was busy with others
    private const string File = "held";
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    private readonly ConsoleLab _consoles;
    private readonly LabHost _server, _forger, _extended, _literal, _stun, _honest;
    private readonly List<IDisposable> _open = [];
    private readonly HonestPeer _owner, _other, _plain;
    private readonly Dictionary<IPEndPoint, string> _outdated = [];

    private SpoofScenario(ConsoleLab consoles, LabHost[] hosts)
    {
        _consoles = consoles;
        (_server, _forger, _extended, _literal, _stun, _honest) = (hosts[0], hosts[1], hosts[2], hosts[3], hosts[4], hosts[5]);
        (_owner, _other, _plain) = (NewPeer(0), NewPeer(1), NewPeer(2));
    }

    private IPEndPoint Tracker => new(_server.Addresses[0], TrackerPort);

    /// <summary>Runs it.</summary>
    /// <param name="seconds">How long to flood.</param>
    /// <param name="datagramsPerSecond">Forged datagrams a second, all kinds together.</param>
    /// <param name="seed">Of the random addresses.</param>
    public static async Task<SpoofResult> RunAsync(double seconds, int datagramsPerSecond, int seed)
    {
        ConsoleLab consoles = await ConsoleLab.CreateAsync().ConfigureAwait(false);
        await using (consoles.ConfigureAwait(false))
        {
            int[] addresses = [2, 1, Lab.MaxHosts, Lab.MaxHosts, Lab.MaxHosts, Lab.MaxHosts];   // in the order of the constructor
            var hosts = new List<LabHost>();
            foreach (int count in addresses) hosts.Add(await consoles.Lab.AddServerAsync(count).ConfigureAwait(false));
            var scenario = new SpoofScenario(consoles, [.. hosts]);
            await using (scenario.ConfigureAwait(false)) return await scenario.FloodAsync(TimeSpan.FromSeconds(seconds), datagramsPerSecond, new Random(seed)).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (IDisposable one in _open) one.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<SpoofResult> FloodAsync(TimeSpan duration, int rate, Random random)
    {
        await CollectOutdatedCookiesAsync().ConfigureAwait(false);
        await StartTrackerAsync().ConfigureAwait(false);
        IReadOnlyList<string> before = await RegisterAsync().ConfigureAwait(false);
        var thief = new HonestPeer(_forger, new IPEndPoint(_forger.Address, PeerPort), Tracker);
        _open.Add(thief);
        await thief.AskAsync($"REFRESH peer={thief.Id}").ConfigureAwait(false);
        Forgery[] forgeries = CreateForgeries(thief.Cookie);
        VictimMeter[] meters = await Task.WhenAll(
            new[] { _extended, _literal, _stun, _honest }.Select(host => VictimMeter.StartAsync(host, $"{Lab.Address(25, 20, 1, 0)}/24"))).ConfigureAwait(false);
        var honest = new HonestLoad(NewPeer(3), NewPeer(4), File, _owner.Id);
        using var ends = new CancellationTokenSource();
        Task asking = honest.RunAsync(ends.Token);
        long started = Stopwatch.GetTimestamp();
        await SendAsync(forgeries, duration, rate, random).ConfigureAwait(false);
        await ends.CancelAsync().ConfigureAwait(false);
        await asking.ConfigureAwait(false);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var received = new Dictionary<IPAddress, long>();
        foreach (VictimMeter meter in meters)
        {
            foreach ((IPAddress address, long bytes) in await meter.ReadAsync().ConfigureAwait(false)) received[address] = bytes;
        }

        IReadOnlyList<string> changes = [.. honest.Changes, .. await CompareAsync(before).ConfigureAwait(false)];
        return new SpoofResult(seconds, [.. Rows(forgeries, received, seconds)], changes, honest.Asked, honest.Unanswered, honest.MedianMillis, honest.WorstMillis);
    }

    // A cookie that was good outlives its time only in somebody's memory: what an address got from the tracker before a restart is such a one.
    private async Task CollectOutdatedCookiesAsync()
    {
        Process first = await StartTrackerAsync().ConfigureAwait(false);
        IEnumerable<(LabHost Host, IPEndPoint Local)> wanted =
            [.. Enumerable.Range(0, _extended.Addresses.Count).Select(i => (_extended, Victim(_extended, i))), (_honest, _owner.Local)];
        foreach ((LabHost host, IPEndPoint local) in wanted)
        {
            if (local.Equals(_owner.Local))
            {
                await _owner.AskAsync($"REFRESH peer={_owner.Id}").ConfigureAwait(false);
                _outdated[local] = _owner.Cookie;
                continue;
            }

            using var peer = new HonestPeer(host, local, Tracker);
            await peer.AskAsync($"REFRESH peer={peer.Id}").ConfigureAwait(false);
            _outdated[local] = peer.Cookie;
        }

        first.Kill(entireProcessTree: true);
        await first.WaitForExitAsync().ConfigureAwait(false);
    }

    private Task<Process> StartTrackerAsync() => _consoles.StartServerAsync(
        _server, "tracker", "relay:", "--listen", $"{Tracker}", "--stun", $"{_server.Addresses[0]}:{StunPort},{_server.Addresses[1]}:{StunPort}",
        "--relay", $"{_server.Addresses[0]}:{RelayPort}", "--set", $"limits:entries={Entries}");

    private async Task<IReadOnlyList<string>> RegisterAsync()
    {
        await Must(_owner.AskAsync($"REQUEST 4 {File} - - peer={_owner.Id} chunks=1-512,600 size=1310720 chunk=2048 root={new string('c', 64)} kind=file")).ConfigureAwait(false);
        await Must(_owner.AskAsync($"REQUEST 4 second - - peer={_owner.Id} chunks=1-3")).ConfigureAwait(false);
        await Must(_other.AskAsync($"REQUEST 4 {File} - - peer={_other.Id} chunks=1-100")).ConfigureAwait(false);
        await Must(_plain.AskLiterallyAsync($"REQUEST 4 {File} 3 {_plain.Local.Address} {PeerPort}")).ConfigureAwait(false);
        return await ReadEntriesAsync().ConfigureAwait(false);

        static async Task Must(Task<string?> asking)
        {
            string? reply = await asking.ConfigureAwait(false);
            if (reply?.StartsWith("RESPONSE OK", StringComparison.Ordinal) != true) throw new InvalidOperationException($"A registration failed: {reply}");
        }
    }

    private async Task<IReadOnlyList<string>> CompareAsync(IReadOnlyList<string> before)
    {
        var changes = new List<string>();
        IReadOnlyList<string> after = await ReadEntriesAsync().ConfigureAwait(false);
        changes.AddRange(before.Except(after).Select(entry => $"gone: {entry}"));
        changes.AddRange(after.Except(before).Where(entry => entry.Contains("peer=", StringComparison.Ordinal)).Select(entry => $"new: {entry}"));
        string? kept = await _owner.AskAsync($"REFRESH peer={_owner.Id}").ConfigureAwait(false);
        bool same = kept is not null && kept.Contains("files=2", StringComparison.Ordinal) && kept.Contains($"address={_owner.Local}", StringComparison.Ordinal);
        if (!same) changes.Add($"the owner is told: {kept}");
        return changes;
    }

    private async Task<IReadOnlyList<string>> ReadEntriesAsync()
    {
        string list = await _other.AskAsync($"REQUEST 1 {File}").ConfigureAwait(false) ?? string.Empty;
        string[] entries = [.. list.Replace("RESPONSE ", string.Empty, StringComparison.Ordinal).Split('|')[..^1].Select(entry => entry.Trim())];
        return entries.Length > 0 ? entries : throw new InvalidOperationException($"The tracker lists nothing: {list}");
    }

    private Forgery[] CreateForgeries(string stolen)
    {
        int extended = 0, literal = 0, stun = 0;
        var targets = new ForgeryTargets(
            Tracker, new IPEndPoint(_server.Addresses[0], StunPort), new IPEndPoint(_server.Addresses[0], RelayPort), _owner.Local, _owner.Id, File, stolen,
            address => _outdated[address]);
        return
        [
            .. TrackerForgeries.Extended(targets, () => Victim(_extended, extended++)), .. TrackerForgeries.Literal(targets, () => Victim(_literal, literal++)),
            .. StunForgeries.Create(targets, () => Victim(_stun, stun++)),
        ];
    }

    private async Task SendAsync(Forgery[] forgeries, TimeSpan duration, int rate, Random random)
    {
        using var sender = new ForgedSender(_forger);
        Forgery[] turns = [.. forgeries.SelectMany(forgery => Enumerable.Repeat(forgery, forgery.Weight))];
        random.Shuffle(turns);
        using var timer = new PeriodicTimer(Tick);
        long started = Stopwatch.GetTimestamp();
        long sent = 0;
        TimeSpan elapsed;
        while ((elapsed = Stopwatch.GetElapsedTime(started)) < duration)
        {
            long due = Math.Min(sent + MaxCatchUp, (long)(elapsed.TotalSeconds * rate));
            for (; sent < due; sent++) turns[sent % turns.Length].Send(sender, random);
            await timer.WaitForNextTickAsync().ConfigureAwait(false);
        }
    }

    private static IEnumerable<ForgeryRow> Rows(Forgery[] forgeries, Dictionary<IPAddress, long> received, double seconds)
    {
        long fixedRate = (long)(LiteralBytesPerSecond * (seconds + LiteralBurstSeconds));
        foreach (IGrouping<IPAddress?, Forgery> victim in forgeries.GroupBy(forgery => forgery.Source?.Address))
        {
            Forgery[] kinds = [.. victim];
            long sent = kinds.Sum(kind => kind.SentBytes);
            long? got = victim.Key is null ? null : received[victim.Key];
            long? allowed = kinds[0].Limit switch
            {
                ForgeryLimit.ThreeTimes => sent * MaxUnprovenAmplification,
                ForgeryLimit.FixedRate => fixedRate,
                _ => null,
            };
            yield return new ForgeryRow(string.Join(" + ", kinds.Select(kind => kind.Name)), kinds[0].Limit, kinds.Sum(kind => kind.SentDatagrams), sent, got, allowed);
        }

        Forgery[] network = [.. forgeries.Where(forgery => forgery.Limit == ForgeryLimit.FixedRate)];
        long together = network.Select(forgery => forgery.Source!.Address).Distinct().Sum(address => received[address]);
        yield return new ForgeryRow(
            "literal: all of the /24", ForgeryLimit.FixedRate, network.Sum(one => one.SentDatagrams), network.Sum(one => one.SentBytes), together, fixedRate * NetworkFactor);
    }

    private static IPEndPoint Victim(LabHost host, int index) => new(host.Addresses[index], FirstVictimPort + index);

    private HonestPeer NewPeer(int address)
    {
        var peer = new HonestPeer(_honest, new IPEndPoint(_honest.Addresses[address], PeerPort), Tracker);
        _open.Add(peer);
        return peer;
    }
}
