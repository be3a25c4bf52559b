using System.Runtime.InteropServices;
using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Registry;

/// <summary>Counts what each source holds: an IPv4 address, or an IPv6 /64, which one subscriber has whole.</summary>
internal sealed class SourceAccounts
{
    private const int Segments = 256;   // each grows by itself, so that no request waits for a large one to be rebuilt

    private readonly Dictionary<ulong, Account>?[] _accounts = new Dictionary<ulong, Account>?[Segments];

    /// <summary>How many sources hold something.</summary>
    public int Count { get; private set; }

    /// <summary>What a source holds.</summary>
    public Account Of(TransportAddress source)
    {
        ulong key = PackedKeyOf(source);
        return SegmentOf(key)?.GetValueOrDefault(key) ?? default;
    }

    /// <summary>Changes what a source holds.</summary>
    public void Change(TransportAddress source, int registrants, int entries, int runs)
    {
        if (registrants == 0 && entries == 0 && runs == 0) return;
        ulong key = PackedKeyOf(source);
        ref Dictionary<ulong, Account>? segment = ref SegmentOf(key);
        segment ??= [];
        ref Account account = ref CollectionsMarshal.GetValueRefOrAddDefault(segment, key, out bool existed);
        if (!existed) Count++;
        account = new Account(account.Registrants + registrants, account.Entries + entries, account.Runs + runs);
        if (account != default) return;
        segment.Remove(key);
        Count--;
    }

    /// <summary>The part of an address that stands for its subscriber.</summary>
    public static UInt128 KeyOf(TransportAddress source) => source.IsIPv4 ? source.AddressBits : source.AddressBits >> 64 << 64;

    // An IPv4 address as ::/64 with the address behind, which no IPv6 subscriber has.
    private static ulong PackedKeyOf(TransportAddress source) => source.IsIPv4 ? source.ToIPv4Bits() : (ulong)(source.AddressBits >> 64);

    private ref Dictionary<ulong, Account>? SegmentOf(ulong key) => ref _accounts[(int)((key * 0x9E3779B97F4A7C15UL) >> 56)];

    internal readonly record struct Account(int Registrants, int Entries, int Runs);
}
