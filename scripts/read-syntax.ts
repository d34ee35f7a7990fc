import { join } from 'node:path'
import {
  isCallExpression,
  isExportDeclaration,
  isIdentifier,
  isImportDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isNoSubstitutionTemplateLiteral,
  isPropertyAccessExpression,
  isShorthandPropertyAssignment,
  isStringLiteral,
  isTypeNode,
  type Node,
  type SourceFile,
  SyntaxKind,
} from 'typescript/unstable/ast'
import { API } from 'typescript/unstable/async'

/** What a file imports: static, re-exported, dynamic and in types alike. `null` where it is computed. */
export type Import = { readonly specifier: string | null; readonly line: number }

/** A name used as a value, and the member taken of it: `Date` and `now`. */
export type Reference = { readonly name: string; readonly member: string | null; readonly line: number }

export type Syntax = { readonly imports: readonly Import[]; readonly references: readonly Reference[] }

/**
 * Parses TypeScript files with the compiler that checks them, without resolving or checking anything. The compiler
 * calls its API unstable: this is the only file that uses it, and the compiler's version is pinned.
 */
export async function readSyntax(root: string, files: readonly string[]): Promise<Map<string, Syntax>> {
  const toPath = (file: string) => join(root, file).replaceAll('\\', '/')
  // A project that exists in no folder, so that every tree can be read, whatever its own tsconfig.json includes.
  const project = toPath('read-syntax.tsconfig.json')
  const compilerOptions = { noResolve: true, noLib: true, types: [], module: 'nodenext', noEmit: true }
  const text = JSON.stringify({ compilerOptions, files: files.map(toPath) })
  const api = new API({
    cwd: root,
    fs: {
      readFile: (name) => (name === project ? text : undefined),
      fileExists: (name) => (name === project ? true : undefined),
    },
  })
  try {
    const snapshot = await api.updateSnapshot({ openProjects: [project] })
    const program = snapshot.getProject(project)?.program
    const syntax = new Map<string, Syntax>()
    for (const file of files) {
      const source = await program?.getSourceFile(toPath(file))
      if (source === undefined) throw new Error(`${file} could not be parsed`)
      syntax.set(file, readSource(source))
    }
    return syntax
  } finally {
    await api.close()
  }
}

function readSource(source: SourceFile): Syntax {
  const imports: Import[] = []
  const references: Reference[] = []
  visit(source, false)
  return { imports, references }

  function visit(node: Node, inType: boolean): void {
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
    const target = targetOf(node)
    if (target !== null) {
      const isPlain = isStringLiteral(target) || isNoSubstitutionTemplateLiteral(target)
      imports.push({ specifier: isPlain ? target.text : null, line })
    }
    if (isIdentifier(node) && !inType && !isName(node)) {
      references.push({ name: node.text, member: memberOf(node), line })
    }
    node.forEachChild((child) => visit(child, inType || isTypeNode(child)))
  }
}

/** The part of an import that says what is imported, or `null` when the node imports nothing. */
function targetOf(node: Node): Node | null {
  if (isImportDeclaration(node) || isExportDeclaration(node)) return node.moduleSpecifier ?? null
  if (isImportTypeNode(node)) return isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument
  if (isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword) return node.arguments[0] ?? node
  return null
}

/** Whether an identifier only names something: a declaration, a property, a member. `{ crypto }` names and uses. */
function isName(node: Node): boolean {
  const { parent } = node
  if (isShorthandPropertyAssignment(parent)) return false
  return ('name' in parent && parent.name === node) || ('propertyName' in parent && parent.propertyName === node)
}

function memberOf(node: Node): string | null {
  const { parent } = node
  return isPropertyAccessExpression(parent) && parent.expression === node ? parent.name.text : null
}
