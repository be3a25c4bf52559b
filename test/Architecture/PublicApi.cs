using System.Reflection;

namespace CS3103P2P.Architecture;

/// <summary>Lists the public surface of an assembly, one member a line, sorted.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    // What the compiler writes for every record and struct says nothing.
    private static readonly HashSet<string> Boilerplate =
        ["Equals", "GetHashCode", "ToString", "Deconstruct", "PrintMembers", "op_Equality", "op_Inequality", "get_EqualityContract"];

    public static IEnumerable<string> Lines(Assembly assembly) =>
        assembly.GetExportedTypes().SelectMany(type => Members(type).Prepend(Header(type))).Distinct().Order(StringComparer.Ordinal);

    private static string Header(Type type)
    {
        string kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : type.IsAbstract && type.IsSealed ? "static class"
            : type.IsSealed ? "sealed class" : type.IsAbstract ? "abstract class" : "class";
        return $"{Name(type)}: {kind}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        foreach (MemberInfo member in type.GetMembers(Declared))
        {
            string? text = member switch
            {
                FieldInfo field when IsVisible(field.IsPublic, field.IsFamily) && !field.IsSpecialName =>
                    field.IsLiteral ? $"{field.Name} = {field.GetRawConstantValue()}" : $"{field.Name}: {Name(field.FieldType)}",
                ConstructorInfo constructor when IsVisible(constructor.IsPublic, constructor.IsFamily) => $"new({Parameters(constructor)})",
                MethodInfo method when IsVisible(method.IsPublic, method.IsFamily) && !method.Name.Contains('<') && !Boilerplate.Contains(method.Name) =>
                    $"{method.Name}({Parameters(method)}): {Name(method.ReturnType)}",
                _ => null,
            };
            if (text is not null) yield return $"{Name(type)}.{text}";
        }
    }

    private static bool IsVisible(bool isPublic, bool isFamily) => isPublic || isFamily;

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(parameter => $"{Name(parameter.ParameterType)} {parameter.Name}"));

    private static string Name(Type type)
    {
        if (type.IsByRef) return $"ref {Name(type.GetElementType()!)}";
        if (type.IsArray) return $"{Name(type.GetElementType()!)}[]";
        if (type.IsGenericParameter) return type.Name;
        string name = type.DeclaringType is { } outer ? $"{Name(outer)}.{type.Name}" : type.Namespace is "System" ? type.Name : $"{type.Namespace}.{type.Name}";
        if (!type.IsGenericType) return name;
        int tick = name.LastIndexOf('`');
        return $"{(tick < 0 ? name : name[..tick])}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
