using CS3103P2P.Peer.Swarm;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Tests.Swarm;

/// <summary>One sharer and several downloaders that fetch from it and from each other, in virtual time; each sends at a rate, to all who asked in turn.</summary>
internal sealed class CrowdSimulation
{
    private const int Sharer = 0;
    private const int BlockBytes = PeerFrameHeader.MaxBlockBytes;
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan TellPeriod = TimeSpan.FromMilliseconds(100);   // chunks are announced together
    private readonly PriorityQueue<Action, (long Micros, int Order)> _events = new();
    private readonly ShareLayout _layout;
    private readonly double _bytesPerSecond;
    private readonly Node[] _nodes;
    private int _order;
    private MonotonicTime _now;

    public CrowdSimulation(int seed, int downloaders, long sizeBytes, int chunkSize, double bytesPerSecond)
    {
        _layout = ShareLayout.OfFile(new ShareDescriptor("crowd", ShareKind.File, sizeBytes, chunkSize, default));
        _bytesPerSecond = bytesPerSecond;
        _nodes = [.. Enumerable.Range(0, downloaders + 1).Select(number => new Node(_layout, number, seed))];
        for (int chunk = 0; chunk < _layout.ChunkCount; chunk++) _nodes[Sharer].Verified.Set(chunk);
        foreach (Node node in _nodes.Skip(1))
        {
            foreach (Node other in _nodes.Where(other => other != node)) node.Machine.HandlePeerAdded(_now, other.Number + 1);
            node.Machine.HandleHave(_now, Sharer + 1, new ChunkRange(0, _layout.ChunkCount));
            Repeat(node);
        }
    }

    /// <summary>Bytes that were sent and dropped, or came twice.</summary>
    public long WastedBytes { get; private set; }

    /// <summary>Runs until the last has everything; how long that took.</summary>
    public TimeSpan Run(TimeSpan limit)
    {
        foreach (Node node in _nodes.Skip(1)) Drain(node);
        while (_nodes.Skip(1).Any(node => !node.Machine.IsDone))
        {
            if (!_events.TryDequeue(out Action? action, out (long Micros, int Order) at) || at.Micros > (default(MonotonicTime) + limit).Micros) return TimeSpan.MaxValue;
            _now = new MonotonicTime(at.Micros);
            action();
        }

        return _now - default(MonotonicTime);
    }

    private void Repeat(Node node) => After(TellPeriod, () =>
    {
        if (node.Machine.Deadline is { } due && due <= _now) node.Machine.HandleTimeout(_now);
        foreach (int chunk in node.Untold)
        {
            foreach (Node other in _nodes.Skip(1).Where(other => other != node)) other.Machine.HandleHave(_now, node.Number + 1, new ChunkRange(chunk, 1));
        }

        node.Untold.Clear();
        foreach (Node other in _nodes.Skip(1)) Drain(other);
        if (!_nodes.Skip(1).All(other => other.Machine.IsDone)) Repeat(node);
    });

    private void Drain(Node node)
    {
        while (node.Machine.PollCommand(_now, out SwarmCommand command))
        {
            if (command.Kind == SwarmCommandKind.RequestMetadata) After(Latency, () => node.Machine.HandleMetadataAccepted(_now, command.Peer, command.Need, command.Index));
            if (command.Kind is not (SwarmCommandKind.RequestChunk or SwarmCommandKind.CancelChunk)) continue;
            Node server = _nodes[command.Peer - 1];
            bool isRequest = command.Kind == SwarmCommandKind.RequestChunk;
            After(Latency, () =>
            {
                List<(int Chunk, int Left)> queue = server.Queues[node.Number];
                queue.RemoveAll(wanted => wanted.Chunk == command.Chunk);
                if (isRequest) queue.Add((command.Chunk, _layout.Locate(command.Chunk).Length));
                if (!server.IsSending) Send(server);
            });
        }
    }

    // One block to each who waits, in turn.
    private void Send(Node server)
    {
        for (int i = 0; i < _nodes.Length; i++)
        {
            server.Turn = (server.Turn + 1) % _nodes.Length;
            List<(int Chunk, int Left)> queue = server.Queues[server.Turn];
            if (queue.Count == 0) continue;
            Node client = _nodes[server.Turn];
            (int chunk, int left) = queue[0];
            int bytes = Math.Min(left, BlockBytes);
            if (bytes == left) queue.RemoveAt(0);
            else queue[0] = (chunk, left - bytes);
            server.IsSending = true;
            After(TimeSpan.FromSeconds(bytes / _bytesPerSecond), () =>
            {
                After(Latency, () => Receive(client, server, chunk, bytes, isWhole: bytes == left));
                server.IsSending = false;
                Send(server);
            });
            return;
        }
    }

    private void Receive(Node client, Node server, int chunk, int bytes, bool isWhole)
    {
        if (client.Verified.IsSet(chunk)) WastedBytes += bytes;
        client.Machine.HandleBytes(_now, server.Number + 1, bytes);
        if (isWhole && client.Machine.HandleChunkReceived(_now, server.Number + 1, chunk))
        {
            if (client.Verified.Set(chunk)) client.Untold.Add(chunk);
            client.Machine.HandleChunkVerified(_now, server.Number + 1, chunk);
        }

        Drain(client);
    }

    private void After(TimeSpan delay, Action action) => _events.Enqueue(action, ((_now + delay).Micros, _order++));

    private sealed class Node
    {
        public Node(ShareLayout layout, int number, int seed)
        {
            Number = number;
            Verified = new ChunkBitmap(layout.ChunkCount);
            var known = new HashSet<int>();
            Machine = new DownloadMachine(layout, Verified, (int chunk, out int index) => Need(layout, known, chunk, out index), new SwarmLimits(), new Random((seed * 100) + number), default);
        }

        public int Number { get; }

        public DownloadMachine Machine { get; }

        public ChunkBitmap Verified { get; }

        public List<int> Untold { get; } = [];

        public Dictionary<int, List<(int Chunk, int Left)>> Queues { get; } = Enumerable.Range(0, 64).ToDictionary(peer => peer, _ => new List<(int, int)>());

        public int Turn { get; set; }

        public bool IsSending { get; set; }

        // Each group is asked for once and then known.
        private static VerificationNeed Need(ShareLayout layout, HashSet<int> known, int chunk, out int index)
        {
            index = layout.GroupOf(chunk);
            return known.Add(index) ? VerificationNeed.HashGroup : VerificationNeed.None;
        }
    }
}
