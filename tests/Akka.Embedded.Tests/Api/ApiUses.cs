using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Akka.Embedded.Tests.Api;

/// <summary>
/// What built assemblies use of others: members that they call, and virtual members that they override or implement. Members are named
/// <c>Type::Name(parameters)</c>, fields <c>Type::Name</c>.
/// </summary>
internal sealed class ApiUses
{
    private readonly HashSet<string> _used = [];
    private readonly Dictionary<string, List<string>> _parents = [];

    /// <summary>Reads the assemblies; those that only pass types on count for the ways up to base classes and interfaces.</summary>
    public static ApiUses Read(IReadOnlyCollection<string> users, IReadOnlyCollection<string> others)
    {
        var uses = new ApiUses();
        foreach (var path in users.Concat(others))
        {
            With(path, uses.AddParents);
        }

        foreach (var path in users)
        {
            With(path, uses.AddReferences);
            With(path, uses.AddOverrides);
        }

        return uses;
    }

    public bool Member(string name) => _used.Contains(name);

    private static void With(string path, Action<MetadataReader> read)
    {
        using var file = new PEReader(File.OpenRead(path));
        read(file.GetMetadataReader());
    }

    private void AddParents(MetadataReader reader)
    {
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            var parents = type.GetInterfaceImplementations().Select(one => reader.GetInterfaceImplementation(one).Interface).ToList();
            if (!type.BaseType.IsNil)
            {
                parents.Add(type.BaseType);
            }

            var name = MetadataNames.Of(reader, handle);
            if (!_parents.TryGetValue(name, out var known))
            {
                _parents[name] = known = [];
            }

            known.AddRange(parents.Select(parent => MetadataNames.Definition(MetadataNames.Of(reader, parent))));
        }
    }

    private void AddReferences(MetadataReader reader)
    {
        foreach (var handle in reader.MemberReferences)
        {
            var member = reader.GetMemberReference(handle);
            var type = MetadataNames.Definition(MetadataNames.Of(reader, member.Parent));
            var name = reader.GetString(member.Name);
            _used.Add($"{type}::{(member.GetKind() == MemberReferenceKind.Field
                ? name
                : MetadataNames.Signature(name, member.DecodeMethodSignature(MetadataNames.Instance, null)))}");
        }
    }

    private void AddOverrides(MetadataReader reader)
    {
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            var names = type.GetMethods().Select(reader.GetMethodDefinition)
                .Where(method => method.Attributes.HasFlag(MethodAttributes.Virtual))
                .Select(method => MetadataNames.Signature(reader.GetString(method.Name), method.DecodeSignature(MetadataNames.Instance, null)))
                .ToList();
            foreach (var above in Above(MetadataNames.Of(reader, handle)))
            {
                _used.UnionWith(names.Select(name => $"{above}::{name}"));
            }
        }
    }

    private IEnumerable<string> Above(string type)
    {
        var seen = new HashSet<string>();
        var left = new Stack<string>([type]);
        while (left.TryPop(out var next))
        {
            foreach (var parent in _parents.GetValueOrDefault(next, []).Where(seen.Add))
            {
                left.Push(parent);
                yield return parent;
            }
        }
    }
}
