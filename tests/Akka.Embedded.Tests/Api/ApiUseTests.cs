using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;

namespace Akka.Embedded.Tests.Api;

/// <summary>
/// Keeps the embedded runtime small: a public or protected member that neither the product, nor a test, nor the TestKit calls, overrides or
/// implements is removed, or made internal when the runtime itself needs it.
/// </summary>
public sealed class ApiUseTests
{
    /// <summary>Projects that use actors, from the root.</summary>
    private static readonly string[] _users =
    [
        "src/Orchestrator.Actors", "src/Orchestrator.Host", "src/Akka.Embedded.TestKit", "tests/Akka.Contract.Tests", "tests/Akka.Embedded.Tests",
        "tests/Orchestrator.Actors.Tests", "tests/Orchestrator.Benchmarks", "tests/Orchestrator.Engines.Tests", "tests/Orchestrator.Host.Tests",
    ];

    /// <summary>Assemblies that are not called as their project.</summary>
    private static readonly Dictionary<string, string> _assemblyNames = new() { ["Orchestrator.Host"] = "orchestrator" };

    /// <summary>Members without a use that stay, one a line below the reason for them.</summary>
    private const string KeptName = "akka-api-kept.txt";

    [Fact]
    public void Every_visible_member_is_used_by_the_product_or_a_test()
    {
        var unused = Unused().Except(Kept()).Order(StringComparer.Ordinal).ToArray();
        Assert.True(unused.Length == 0, $"{unused.Length} used by nothing outside of the runtime; remove them or make them internal:{Environment.NewLine}{string.Join(Environment.NewLine, unused)}");
    }

    [Fact]
    public void Members_that_are_kept_without_use_exist_and_have_none()
    {
        var wrong = Kept().Except(Unused()).ToArray();
        Assert.True(wrong.Length == 0, $"Used or gone, so take them out of {KeptName}:{Environment.NewLine}{string.Join(Environment.NewLine, wrong)}");
    }

    private static IEnumerable<string> Unused()
    {
        var runtime = typeof(Akka.Actor.ActorBase).Assembly.Location;
        var uses = ApiUses.Read([.. _users.Select(BuiltAssembly)], [runtime]);
        return VisibleMembers(runtime).Where(member => !member.Names.Any(uses.Member)).Select(member => member.Display);
    }

    private static IEnumerable<string> Kept([CallerFilePath] string thisFile = "") =>
        File.ReadLines(Path.Combine(Path.GetDirectoryName(thisFile)!, KeptName)).Where(line => line.Length > 0 && line[0] != '#');

    /// <summary>Methods and fields by name, properties and events by the names of their accessors.</summary>
    private static List<(string Display, string[] Names)> VisibleMembers(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        var result = new List<(string, string[])>();
        foreach (var handle in reader.TypeDefinitions.Where(handle => IsVisible(reader, handle)))
        {
            var type = reader.GetTypeDefinition(handle);
            if (!IsEnumOrDelegate(reader, type))
            {
                var name = MetadataNames.Of(reader, handle);
                result.AddRange(Accessed(reader, type, name));
                result.AddRange(Methods(reader, type, name));
                result.AddRange(Fields(reader, type, name));
            }
        }

        return result;
    }

    private static IEnumerable<(string, string[])> Accessed(MetadataReader reader, TypeDefinition type, string name)
    {
        var properties = type.GetProperties().Select(reader.GetPropertyDefinition)
            .Select(property => (reader.GetString(property.Name), Accessors: (MethodDefinitionHandle[])[property.GetAccessors().Getter, property.GetAccessors().Setter]));
        var events = type.GetEvents().Select(reader.GetEventDefinition)
            .Select(one => (reader.GetString(one.Name), Accessors: (MethodDefinitionHandle[])[one.GetAccessors().Adder, one.GetAccessors().Remover]));
        foreach (var (member, accessors) in properties.Concat(events))
        {
            var visible = accessors.Where(handle => !handle.IsNil).Select(reader.GetMethodDefinition).Where(method => IsOwn(reader, method)).ToArray();
            if (visible.Length > 0)
            {
                yield return ($"{name}::{member}", [.. visible.Select(method => $"{name}::{Signature(reader, method)}")]);
            }
        }
    }

    private static IEnumerable<(string, string[])> Methods(MetadataReader reader, TypeDefinition type, string name)
    {
        foreach (var method in type.GetMethods().Select(reader.GetMethodDefinition))
        {
            var simple = reader.GetString(method.Name);
            var isAccessor = method.Attributes.HasFlag(MethodAttributes.SpecialName) && simple[0] != '.' && !simple.StartsWith("op_", StringComparison.Ordinal);
            if (!isAccessor && simple != ".cctor" && IsOwn(reader, method) && !IsGenerated(reader, method.GetCustomAttributes()))
            {
                var signature = $"{name}::{Signature(reader, method)}";
                yield return (signature, [signature]);
            }
        }
    }

    /// <summary>Constants are left out: compilers copy their values, so no reference to them remains.</summary>
    private static IEnumerable<(string, string[])> Fields(MetadataReader reader, TypeDefinition type, string name) => type.GetFields()
        .Select(reader.GetFieldDefinition)
        .Where(field => !field.Attributes.HasFlag(FieldAttributes.Literal) && IsVisible((MethodAttributes)(field.Attributes & FieldAttributes.FieldAccessMask)))
        .Select(field => $"{name}::{reader.GetString(field.Name)}")
        .Select(field => (field, (string[])[field]));

    /// <summary>Visible, and neither an override nor the implementation of an interface's member: those belong to what they override or implement.</summary>
    private static bool IsOwn(MetadataReader reader, MethodDefinition method)
    {
        var isInInterface = reader.GetTypeDefinition(method.GetDeclaringType()).Attributes.HasFlag(TypeAttributes.Interface);
        var isNew = !method.Attributes.HasFlag(MethodAttributes.Virtual) || method.Attributes.HasFlag(MethodAttributes.NewSlot);
        var implements = method.Attributes.HasFlag(MethodAttributes.Virtual) && method.Attributes.HasFlag(MethodAttributes.Final);
        return IsVisible(method.Attributes & MethodAttributes.MemberAccessMask) && (isInInterface || (isNew && !implements));
    }

    private static bool IsVisible(MethodAttributes access) => access is MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem;

    private static bool IsVisible(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        return (type.Attributes & TypeAttributes.VisibilityMask) switch
        {
            TypeAttributes.Public => true,
            TypeAttributes.NestedPublic or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem => IsVisible(reader, type.GetDeclaringType()),
            _ => false,
        };
    }

    private static bool IsEnumOrDelegate(MetadataReader reader, TypeDefinition type) =>
        !type.BaseType.IsNil && MetadataNames.Of(reader, type.BaseType) is "System.Enum" or "System.MulticastDelegate";

    private static bool IsGenerated(MetadataReader reader, CustomAttributeHandleCollection attributes) => attributes
        .Select(handle => reader.GetCustomAttribute(handle).Constructor)
        .Where(constructor => constructor.Kind == HandleKind.MemberReference)
        .Select(constructor => MetadataNames.Of(reader, reader.GetMemberReference((MemberReferenceHandle)constructor).Parent))
        .Contains(typeof(CompilerGeneratedAttribute).FullName);

    private static string Signature(MetadataReader reader, MethodDefinition method) =>
        MetadataNames.Signature(reader.GetString(method.Name), method.DecodeSignature(MetadataNames.Instance, null));

    private static string BuiltAssembly(string folder)
    {
        // .../tests/Akka.Embedded.Tests/bin/CONFIGURATION/FRAMEWORK
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var root = output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        var project = Path.GetFileName(folder);
        return Path.Combine(root, folder, "bin", output.Parent.Name, output.Name, _assemblyNames.GetValueOrDefault(project, project) + ".dll");
    }
}
