using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker;
using CS3103P2P.Tracker.Hosting;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Transport;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Bench.Load;

/// <summary>Fills a registry before the tracker answers: each entry has one run of chunks, and each peer up to ten files.</summary>
internal sealed class RegistryFill(int files, int peersPerFile, int leaseSeconds) : TrackerReplication
{
    private const int MaxFilesPerPeer = 10;
    private const int ChunkSize = 16_384;
    private const int Chunks = 1_000;
    private const uint FirstAddress = 0x0B000001;   // 11.0.0.1 and on: a peer an address

    /// <summary>Lets at the registry, once it is full.</summary>
    public RegistryDoor? Door { get; private set; }

    public override TrackerHealth Health => new(true, "filled");

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Waits until no entry is left; for how many seconds leases had been over then, or NaN when <paramref name="told"/> came first.</summary>
    public async Task<double> AllEndedAsync(Task told)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        MonotonicTime end = Door!.Now;
        while (!told.IsCompleted && await timer.WaitForNextTickAsync())
        {
            int entries = Door.Enter((registry, _) => registry.EntryCount);
            if (entries == files * peersPerFile) end = Door.Now;
            if (entries == 0) return (Door.Now - end).TotalSeconds;
        }

        return double.NaN;
    }

    internal override Task StartAsync(RegistryDoor door, ILogger logger, CancellationToken cancellationToken)
    {
        Door = door;
        door.Enter(Fill);
        return Task.CompletedTask;
    }

    private void Fill(TrackerRegistry registry, MonotonicTime now)
    {
        int perPeer = Math.Min(MaxFilesPerPeer, files);
        long entries = (long)files * peersPerFile;
        byte[][] names = [.. Enumerable.Range(0, files).Select(file => Encoding.ASCII.GetBytes(TrackerWorkload.FileName(file)))];
        Sha256Digest[] roots = [.. Enumerable.Range(0, files).Select(file => Sha256Digest.TryParse(Encoding.ASCII.GetBytes(TrackerWorkload.Root(file)), out Sha256Digest root) ? root : default)];
        for (long entry = 0; entry < entries;)
        {
            long peer = entry / perPeer;
            TransportAddress source = TransportAddress.FromIPv4(FirstAddress + (uint)peer, 6881);
            if (!PeerId.TryParse(TrackerWorkload.PeerId(peer), out PeerId id)) throw new InvalidOperationException("No peer id.");

            registry.Refresh(now, RegistrantKey.Proven(source, id), TimeSpan.FromSeconds(leaseSeconds), out Registrant? registrant, out _);
            if (registrant is null) throw new InvalidOperationException("Refused.");
            registrant.Listed = source;
            for (int i = 0; i < perPeer && entry < entries; i++, entry++)
            {
                int file = (int)(entry % files);
                int first = (int)(entry * 31 % (Chunks / 2));
                RegistryResult result = registry.Add(registrant, new Offering
                {
                    Name = names[file],
                    Chunk = -1,
                    Chunks = Encoding.ASCII.GetBytes($"{first + 1}-{first + (Chunks / 2)}"),
                    Content = new ContentDescription((long)Chunks * ChunkSize, ChunkSize, roots[file], ShareKind.File),
                    IsListed = true,
                });
                if (result != RegistryResult.Done) throw new InvalidOperationException($"Refused: {result}.");
            }
        }
    }
}
