using System.Reflection;

namespace CS3103P2P.Architecture;

/// <summary>The compiled libraries of the product.</summary>
internal static class ProductAssemblies
{
    public static IReadOnlyList<Assembly> All { get; } =
    [
        .. from file in Directory.EnumerateFiles(AppContext.BaseDirectory, "CS3103P2P.*.dll")
           let name = Path.GetFileNameWithoutExtension(file)
           where Directory.Exists(Path.Combine(Repository.Root, "src", name["CS3103P2P.".Length..]))
           orderby name
           select Assembly.Load(name),
    ];
}
