namespace CS3103P2P.Tracker.Registry;

/// <summary>An entry on its way from one tracker to another.</summary>
/// <param name="Owner">Whose it is.</param>
/// <param name="Name">The file's name in UTF-8.</param>
/// <param name="Content">What the content is; null when the owner did not tell.</param>
/// <param name="IsListed">Whether the owner wants the name in the list of files.</param>
/// <param name="Chunks">All its chunks, as text counted from 1; empty for none.</param>
/// <param name="IsRemoved">Whether it is gone.</param>
internal sealed record EntryRecord(RegistrantKey Owner, byte[] Name, ContentDescription? Content, bool IsListed, byte[] Chunks, bool IsRemoved);
