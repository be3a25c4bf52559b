using System.Runtime.InteropServices;
using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Registry;

/// <summary>Counts what each source holds: an IPv4 address, or an IPv6 /64, which one subscriber has whole.</summary>
internal sealed class SourceAccounts
{
    private readonly Dictionary<UInt128, Account> _accounts = [];

    /// <summary>How many sources hold something.</summary>
    public int Count => _accounts.Count;

    /// <summary>What a source holds.</summary>
    public Account Of(TransportAddress source) => _accounts.GetValueOrDefault(KeyOf(source));

    /// <summary>Changes what a source holds.</summary>
    public void Change(TransportAddress source, int registrants, int entries, int runs)
    {
        ref Account account = ref CollectionsMarshal.GetValueRefOrAddDefault(_accounts, KeyOf(source), out _);
        account = new Account(account.Registrants + registrants, account.Entries + entries, account.Runs + runs);
        if (account == default) _accounts.Remove(KeyOf(source));
    }

    /// <summary>The part of an address that stands for its subscriber.</summary>
    public static UInt128 KeyOf(TransportAddress source) => source.IsIPv4 ? source.AddressBits : source.AddressBits >> 64 << 64;

    internal readonly record struct Account(int Registrants, int Entries, int Runs);
}
