using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Bench;

/// <summary>What happens to every datagram, request and block. BenchmarkDotNet wants it public and open.</summary>
[MemoryDiagnoser]
public class MicroBenchmarks
{
    private const int BlockBytes = 16 << 10;
    private const int MaxRuns = 64;
    private readonly byte[] _request = "REQUEST 3 report.pdf 2 203.0.113.5 7000"u8.ToArray();
    private readonly byte[] _ranges = "1-512,600,700-1024,2000"u8.ToArray();
    private readonly byte[] _utp = new byte[1_400];
    private readonly byte[] _block = RandomNumberGenerator.GetBytes(BlockBytes);
    private readonly byte[] _hash = new byte[SHA256.HashSizeInBytes];

    public MicroBenchmarks() => _utp[0] = 0x01;   // a data packet of version 1

    [Benchmark(Baseline = true, Description = "SHA-256 of a 16 KiB block")]
    public int Hash() => SHA256.HashData(_block, _hash);

    [Benchmark(Description = "the mux: kind of a uTP datagram")]
    public DatagramKind Classify() => DatagramClassifier.Classify(_utp);

    [Benchmark(Description = "parse a tracker request")]
    public bool ParseRequest() => TrackerRequestParser.TryParse(_request, out _) == TrackerRequestError.None;

    [Benchmark(Description = "parse four chunk ranges")]
    public bool ParseRanges() => ChunkSet.TryParse(_ranges, MaxRuns, out _);
}
